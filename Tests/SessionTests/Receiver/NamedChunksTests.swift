import Ground
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

  /// Blocks that close gaps of each other, with what a plain count of the ranges gives.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func theFormIsThatOfAPlainCount(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let stride = 1 + generator.next() % 5
    let limit = 60 + Int(generator.next() % 400)
    var named = NamedChunks()
    var expected: [UInt64] = []
    for block in 0..<stride {
      let chunks = (0..<40).map { block + stride * UInt64($0) }.filter { _ in generator.next() % 3 > 0 }
      let merged = (expected + chunks).sorted()
      let ranges = merged.indices.count { $0 == 0 || merged[$0] != merged[$0 - 1] + 1 }
      let span = Int((merged[merged.count - 1] - merged[0]) / 8) + 1
      // §4.5: 42 bytes and 8 for a range, or 44 and one for eight chunks.
      let fits = min(42 + 8 * ranges, 44 + span) <= limit
      #expect((named.add(chunks, byteCount: limit) == chunks.count) == (fits || chunks.isEmpty))
      guard fits else { break }
      expected = merged
      #expect(named.chunks == expected)
      guard case .ranges(let body) = named.body else { continue }
      #expect(body.count == ranges && 42 + 8 * ranges <= 44 + span)
    }
  }
}
