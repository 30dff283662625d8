import Testing
import Wire

@Suite struct NackTests {
  /// Bytes 20..<40, then the form's own.
  private static func datagram(flags: UInt8 = 0, _ form: [UInt8]) -> [UInt8] {
    ReferenceDatagram.make(type: .nack, flags: flags, body: [UInt8](repeating: 0, count: 20) + form)
  }

  private static func ranges(_ ranges: [(UInt32, UInt32)]) -> [UInt8] {
    datagram(bigEndian(UInt16(ranges.count)) + ranges.flatMap { bigEndian($0.0) + bigEndian($0.1) })
  }

  private static func bitmap(base: UInt32, _ bits: [UInt8]) -> [UInt8] {
    datagram(flags: 2, bigEndian(base) + bits)
  }

  @Test(
    arguments: [
      ([], WireError.emptyRange),
      ([(0, 0)], .emptyRange),
      ([(5, 1), (5, 1)], .unorderedRange(first: 5)),
      ([(5, 3), (7, 1)], .unorderedRange(first: 7)),
      ([(9, 1), (2, 1)], .unorderedRange(first: 2)),
      ([(.max, 2)], .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
      ([(1, .max), (.max, 1)], .unorderedRange(first: .max)),
    ] as [([(UInt32, UInt32)], WireError)])
  func refusesRanges(ranges: [(UInt32, UInt32)], error: WireError) {
    #expect(wireError(Self.ranges(ranges)) == error)
  }

  @Test(arguments: [[(0, 1)], [(5, 3), (8, 1)], [(0, .max), (.max, 1)]] as [[(UInt32, UInt32)]])
  func acceptsRangesThatTouchOrEndTheSpace(ranges: [(UInt32, UInt32)]) {
    #expect(wireError(Self.ranges(ranges)) == nil)
  }

  @Test(
    arguments: [
      (UInt32.max - 7, [0b0000_0001], nil),
      (.max, [0b1000_0000], nil),
      (.max, [0b1000_0000, 0], nil),
      (.max, [0b0100_0000], .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
      (.max - 7, [0, 0b1000_0000], .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
      (0, [], .truncated(needed: 45, available: 44)),
      (0, [0], .emptyRange),
      (.max, [0, 0, 0], .emptyRange),
    ] as [(UInt32, [UInt8], WireError?)])
  func checksTheBitmapsEnd(base: UInt32, bits: [UInt8], error: WireError?) {
    #expect(wireError(Self.bitmap(base: base, bits)) == error)
  }

  @Test func capacities() {
    #expect(Nack.maxRanges(datagramByteCount: 1472) == 178)
    #expect(Nack.maxRanges(datagramByteCount: 49) == 0)
    #expect(Nack.maxRanges(datagramByteCount: 0) == 0)
    #expect(Nack.maxRanges(datagramByteCount: 1 << 20) == 65_535)
    #expect(Nack.maxBitmapByteCount(datagramByteCount: 1472) == 1428)
    #expect(Nack.maxBitmapByteCount(datagramByteCount: 10) == 0)
  }

  /// The fullest NACK of a datagram size is as long as that or shorter by less than one range.
  @Test(arguments: [50, 576, 1472, 8972])
  func fullestNackFits(datagramByteCount: Int) {
    let count = Nack.maxRanges(datagramByteCount: datagramByteCount)
    let nack = Nack(
      receiverID: 1, highestPacketNumber: 2, echoedTimestamp: 3, holdMicroseconds: 4,
      body: .ranges((0..<UInt32(count)).map { ChunkRange(first: $0 * 2, count: 1) }))
    #expect((datagramByteCount - 7...datagramByteCount).contains(nack.byteCount))
  }

  /// The flags that say how it may be answered.
  @Test(arguments: [false, true], [false, true])
  func itsFlags(acceptsSymbols: Bool, isRest: Bool) throws {
    let nack = Nack(
      receiverID: 7, highestPacketNumber: 1, echoedTimestamp: 2, holdMicroseconds: 3,
      acceptsSymbols: acceptsSymbols, isRest: isRest, body: .ranges([ChunkRange(first: 4, count: 5)]))
    let bytes = ControlMessage.nack(nack).encode(sessionID: 9, packetNumber: 1, flags: [])
    #expect(bytes[3] == (acceptsSymbols ? 0x08 : 0) + (isRest ? 0x10 : 0))
    #expect(try ControlMessage.decode(bytes.span).1 == .nack(nack))
  }
}
