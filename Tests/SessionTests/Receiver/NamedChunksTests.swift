import Session
import Testing
import Wire

@Suite struct NamedChunksTests {
  @Test func nothingIsNamedAtFirst() {
    let named = NamedChunks()
    #expect(named.isEmpty && named.body == nil)
  }

  /// A few chunks far apart are ranges; chunks near each other are a bitmap.
  @Test func theShorterFormIsTaken() {
    var few = NamedChunks()
    #expect(few.add([7, 8, 900], byteCount: 1_200) == 3)
    #expect(
      few.body == .ranges([ChunkRange(first: 7, count: 2), ChunkRange(first: 900, count: 1)]))
    var near = NamedChunks()
    #expect(near.add([16, 20, 25], byteCount: 1_200) == 3)
    #expect(near.body == .bitmap(base: 16, bits: [0b1000_1000, 0b0100_0000]))
  }

  @Test func blocksAreMerged() {
    var named = NamedChunks()
    #expect(named.add([0, 2, 4], byteCount: 1_200) == 3)
    #expect(named.add([1, 3, 5], byteCount: 1_200) == 3)
    #expect(named.chunks == Array(0...5))
    #expect(named.body == .bitmap(base: 0, bits: [0b1111_1100]))
  }

  /// 50 bytes are one range. A second block waits; the first is cut to what fits.
  @Test func theDatagramBoundsWhatIsNamed() {
    var named = NamedChunks()
    #expect(named.add([5, 1_000, 9_000], byteCount: 50) == 1)
    #expect(named.add([6_000], byteCount: 50) == 0)
    #expect(named.chunks == [5])
    var longer = NamedChunks()
    #expect(longer.add([5, 1_000, 9_000], byteCount: 58) == 2)
    #expect(longer.chunks == [5, 1_000])
  }

  @Test(arguments: [[0, UInt64(UInt32.max)], [UInt64(UInt32.max) - 9, UInt64(UInt32.max)]])
  func theLastChunksOfTheLargestSet(chunks: [UInt64]) throws {
    var named = NamedChunks()
    #expect(named.add(chunks, byteCount: 1_200) == 2)
    let nack = Nack(
      receiverID: 1, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0,
      acceptsSymbols: true, body: try #require(named.body))
    let bytes = nack.encode(sessionID: 1, packetNumber: 0)
    let (header, message) = try ControlMessage.decode(bytes.span)
    #expect(message == .nack(nack) && header.flags.contains(.symbols))
    #expect(nack.missingRanges.flatMap { Array(UInt64($0.first)..<$0.end) } == chunks)
  }
}
