import Ground
import Testing
import Wire

@Suite struct MissingRangesTests {
  private static func nack(_ body: Nack.Body) -> Nack {
    Nack(receiverID: 0, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0, body: body)
  }

  @Test(
    arguments: [
      (0, [0b1000_0000], [(0, 1)]),
      (10, [0b0000_0001, 0b1000_0000], [(17, 2)]),
      (0, [0xFF, 0xFF, 0xFF], [(0, 24)]),
      (0, [0, 0, 0], []),
      (7, [0b1010_1010], [(7, 1), (9, 1), (11, 1), (13, 1)]),
      (.max, [0xFF, 0xFF], [(.max, 1)]),
      (.max - 3, [0b0011_0000], [(.max - 1, 2)]),
    ] as [(UInt32, [UInt8], [(UInt32, UInt32)])])
  func ofABitmap(base: UInt32, bits: [UInt8], ranges: [(UInt32, UInt32)]) {
    let expected = ranges.map { ChunkRange(first: $0.0, count: $0.1) }
    #expect(Array(Self.nack(.bitmap(base: base, bits: bits)).missingRanges) == expected)
  }

  @Test func ofRangesAreTheRanges() {
    let ranges = [ChunkRange(first: 3, count: 4), ChunkRange(first: 7, count: 1)]
    #expect(Array(Self.nack(.ranges(ranges)).missingRanges) == ranges)
  }

  /// Bit by bit, the slow way, over bitmaps of every density.
  @Test(arguments: 1...UInt64(300))
  func agreesWithBitByBit(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let density = UInt8.random(in: 0...255, using: &generator)
    let bits = (0..<Int.random(in: 1...64, using: &generator)).map { _ in
      (0..<8).reduce(UInt8(0)) { byte, _ in
        byte << 1 | (UInt8.random(in: 0...255, using: &generator) < density ? 1 : 0)
      }
    }
    var expected: [UInt32] = []
    for bit in 0..<bits.count * 8 where bits[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
      expected.append(1000 + UInt32(bit))
    }
    let ranges = Array(Self.nack(.bitmap(base: 1000, bits: bits)).missingRanges)
    #expect(ranges.flatMap { UInt32($0.first)..<UInt32($0.end) } == expected)
    for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.end < UInt64(next.first)) }
  }
}
