/// The chunks that a NACK names, as ascending ranges, for both forms of NACK.
package struct MissingRanges: Sequence, IteratorProtocol, Sendable {
  private let body: Nack.Body
  /// Ranges: the index of the next range. Bitmap: the next bit to look at.
  private var position = 0

  init(_ body: Nack.Body) { self.body = body }

  package mutating func next() -> ChunkRange? {
    switch body {
    case .ranges(let ranges):
      guard position < ranges.count else { return nil }
      defer { position += 1 }
      return ranges[position]
    case .bitmap(let base, let bits):
      return nextRun(base: base, bits: bits)
    }
  }

  /// The next run of ones in the bitmap. A run may continue in the next byte. Chunks at or beyond 2^32 do not
  /// exist.
  private mutating func nextRun(base: UInt32, bits: [UInt8]) -> ChunkRange? {
    let bitCount = Swift.min(bits.count * 8, Int(ChunkRange.sequenceSpace - UInt64(base)))
    let start = firstBit(from: position, in: bits, inverted: false, bitCount: bitCount)
    guard start < bitCount else {
      position = bitCount
      return nil
    }
    let end = firstBit(from: start, in: bits, inverted: true, bitCount: bitCount)
    position = end
    return ChunkRange(first: base + UInt32(start), count: UInt32(end - start))
  }

  /// The first bit at or after `from` that is one (`inverted`: zero), or `bitCount`. Looks at one byte at a
  /// time.
  private func firstBit(from: Int, in bits: [UInt8], inverted: Bool, bitCount: Int) -> Int {
    var bit = from
    while bit < bitCount {
      let byte = inverted ? ~bits[bit / 8] : bits[bit / 8]
      let rest = byte << UInt8(bit % 8)
      if rest != 0 { return Swift.min(bit + rest.leadingZeroBitCount, bitCount) }
      bit += 8 - bit % 8
    }
    return bitCount
  }
}
