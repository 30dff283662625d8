import Ground

/// The chunks that a receiver misses, oldest first, in one datagram; Specs/chunked-udp.md §4.5.
package struct Nack: ControlBody {
  package static let type = MessageType.nack

  /// The missing chunks, in whichever form is shorter.
  package enum Body: Equatable, Sendable {
    /// Ascending, not overlapping, none empty; 1...65,535 of them.
    case ranges([ChunkRange])
    /// Bit 7 of the first byte is chunk `base`, bit 6 the next; 1 means missing. At least one bit
    /// is set.
    case bitmap(base: UInt32, bits: [UInt8])
  }

  /// Bytes 20..<28.
  package var receiverID: UInt64
  /// The highest packet number seen, low 32 bits; bytes 28..<32.
  package var highestPacketNumber: UInt32
  /// The timestamp of the newest data or parity seen; bytes 32..<36.
  package var echoedTimestamp: UInt32
  /// From that datagram's arrival to this one; bytes 36..<40.
  package var holdMicroseconds: UInt32
  /// Of each block, as many parity symbols as chunks of it are named do as well; the flag *symbols*.
  package var acceptsSymbols: Bool
  /// The receiver has all other chunks from an earlier session: they need not be sent. The flag *rest*.
  package var isRest: Bool
  /// From byte 40.
  package var body: Body

  package init(
    receiverID: UInt64, highestPacketNumber: UInt32, echoedTimestamp: UInt32, holdMicroseconds: UInt32,
    acceptsSymbols: Bool = false, isRest: Bool = false, body: Body
  ) {
    self.receiverID = receiverID
    self.highestPacketNumber = highestPacketNumber
    self.echoedTimestamp = echoedTimestamp
    self.holdMicroseconds = holdMicroseconds
    self.acceptsSymbols = acceptsSymbols
    self.isRest = isRest
    self.body = body
  }

  /// How many ranges fit into a datagram of this length (UDP payload).
  package static func maxRanges(datagramByteCount: Int) -> Int {
    min(max(0, datagramByteCount - rangesOffset) / ChunkRange.byteCount, Int(UInt16.max))
  }

  /// How many bytes of bitmap, eight chunks each, fit into a datagram of this length (UDP payload).
  package static func maxBitmapByteCount(datagramByteCount: Int) -> Int {
    max(0, datagramByteCount - bitmapOffset)
  }

  /// The missing chunks as ascending ranges, for both forms of NACK. Allocates nothing.
  package var missingRanges: MissingRanges { MissingRanges(body) }

  private static let bodyOffset = 40
  private static let rangesOffset = 42
  private static let bitmapOffset = 44
  /// One range.
  package static let shortestByteCount = rangesOffset + ChunkRange.byteCount
}

extension Nack {
  package var byteCount: Int {
    switch body {
    case .ranges(let ranges): Self.rangesOffset + ranges.count * ChunkRange.byteCount
    case .bitmap(_, let bits): Self.bitmapOffset + bits.count
    }
  }

  package var formFlags: DatagramFlags {
    let isBitmap = if case .bitmap = body { true } else { false }
    return DatagramFlags(
      rawValue: (acceptsSymbols ? DatagramFlags.symbols.rawValue : 0)
        | (isRest ? DatagramFlags.rest.rawValue : 0)
        | (isBitmap ? DatagramFlags.alternateForm.rawValue : 0))
  }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.bodyOffset)
    let body =
      flags.contains(.alternateForm) ? try Self.decodeBitmap(bytes) : try Self.decodeRanges(bytes)
    self.init(
      receiverID: bytes.bigEndianUInt64(at: 20), highestPacketNumber: bytes.bigEndianUInt32(at: 28),
      echoedTimestamp: bytes.bigEndianUInt32(at: 32), holdMicroseconds: bytes.bigEndianUInt32(at: 36),
      acceptsSymbols: flags.contains(.symbols), isRest: flags.contains(.rest), body: body)
  }

  private static func decodeRanges(_ bytes: Span<UInt8>) throws(WireError) -> Body {
    try bytes.requireAtLeast(rangesOffset)
    let count = Int(bytes.bigEndianUInt16(at: bodyOffset))
    guard count > 0 else { throw .emptyRange }
    try bytes.requireExactly(rangesOffset + count * ChunkRange.byteCount)
    var ranges: [ChunkRange] = []
    ranges.reserveCapacity(count)
    var end: UInt64 = 0
    for index in 0..<count {
      let range = try ChunkRange(decoding: bytes, at: rangesOffset + index * ChunkRange.byteCount)
      guard UInt64(range.first) >= end else { throw .unorderedRange(first: range.first) }
      end = range.end
      ranges.append(range)
    }
    return .ranges(ranges)
  }

  private static func decodeBitmap(_ bytes: Span<UInt8>) throws(WireError) -> Body {
    try bytes.requireAtLeast(bitmapOffset + 1)
    let base = bytes.bigEndianUInt32(at: bodyOffset)
    var bits: [UInt8] = []
    bits.reserveCapacity(bytes.count - bitmapOffset)
    for index in bitmapOffset..<bytes.count {
      let byte = bytes[index]
      if byte != 0 {
        let end = UInt64(base) + UInt64((index - bitmapOffset) * 8 + 8 - byte.trailingZeroBitCount)
        guard end <= ChunkRange.sequenceSpace else { throw .beyondSequenceSpace(chunkCount: end) }
      }
      bits.append(byte)
    }
    guard bits.contains(where: { $0 != 0 }) else { throw .emptyRange }
    return .bitmap(base: base, bits: bits)
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(receiverID)
    writer.write(highestPacketNumber)
    writer.write(echoedTimestamp)
    writer.write(holdMicroseconds)
    switch self.body {
    case .ranges(let ranges):
      precondition((1...Int(UInt16.max)).contains(ranges.count), "a NACK names 1...65,535 ranges")
      writer.write(UInt16(ranges.count))
      for range in ranges {
        writer.write(range.first)
        writer.write(range.count)
      }
    case .bitmap(let base, let bits):
      precondition(bits.contains { $0 != 0 }, "the bitmap of a NACK has at least one bit set")
      writer.write(base)
      writer.write(bits)
    }
  }
}
