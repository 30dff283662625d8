import Ground

/// Repairs that are about to be sent: `count` packets from `firstPacketNumber` on carry them, in order.
package struct RepairEntry: Hashable, Sendable {
  package static let byteCount = 12

  /// The first chunk repaired; in the parity form, the first chunk of the block.
  package var firstChunk: UInt32
  /// Chunks; in the parity form, symbols (≤ 254). > 0.
  package var count: UInt32
  /// The low 32 bits of the packet number that carries the first of them. Each of the others has the next
  /// number.
  package var firstPacketNumber: UInt32

  package init(firstChunk: UInt32, count: UInt32, firstPacketNumber: UInt32) {
    self.firstChunk = firstChunk
    self.count = count
    self.firstPacketNumber = firstPacketNumber
  }
}

/// What the sender will repair; Specs/chunked-udp.md §4.6. Receivers that miss the same chunks then hold back
/// their NACKs.
package struct RepairNotice: ControlBody {
  package static let type = MessageType.repairNotice

  /// What its entries count.
  package enum Form: Equatable, Sendable {
    /// Chunks sent again.
    case chunks
    /// Parity symbols of a block.
    case parity
  }

  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 20..<24.
  package var timestamp: UInt32
  /// The sender's group round-trip time; byte 24. Byte 25 is zero.
  package var grttCode: GrttCode
  package var form: Form
  /// 1...65,535 entries, from byte 28. Their count is bytes 26..<28.
  package var entries: [RepairEntry]

  package init(timestamp: UInt32, grttCode: GrttCode, form: Form = .chunks, entries: [RepairEntry]) {
    self.timestamp = timestamp
    self.grttCode = grttCode
    self.form = form
    self.entries = entries
  }

  /// How many entries fit into a datagram of this length (UDP payload).
  package static func maxEntries(datagramByteCount: Int) -> Int {
    min(max(0, datagramByteCount - entriesOffset) / RepairEntry.byteCount, Int(UInt16.max))
  }

  private static let entriesOffset = 28
}

extension RepairNotice {
  package var byteCount: Int { Self.entriesOffset + entries.count * RepairEntry.byteCount }

  package var formFlags: DatagramFlags { form == .parity ? .alternateForm : [] }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.entriesOffset)
    let count = Int(bytes.bigEndianUInt16(at: 26))
    guard count > 0 else { throw .emptyRange }
    try bytes.requireExactly(Self.entriesOffset + count * RepairEntry.byteCount)
    let form: Form = flags.contains(.alternateForm) ? .parity : .chunks
    var entries: [RepairEntry] = []
    entries.reserveCapacity(count)
    for index in 0..<count {
      entries.append(
        try Self.decodeEntry(bytes, at: Self.entriesOffset + index * RepairEntry.byteCount, form: form))
    }
    self.init(
      timestamp: bytes.bigEndianUInt32(at: 20), grttCode: GrttCode(rawValue: bytes[24]), form: form,
      entries: entries)
  }

  private static func decodeEntry(
    _ bytes: Span<UInt8>, at offset: Int, form: Form
  ) throws(WireError) -> RepairEntry {
    let range =
      form == .parity
      ? try decodeSymbols(bytes, at: offset) : try ChunkRange(decoding: bytes, at: offset)
    return RepairEntry(
      firstChunk: range.first, count: range.count, firstPacketNumber: bytes.bigEndianUInt32(at: offset + 8))
  }

  /// For symbols the limit is the size of a block, not the end of the sequence space.
  private static func decodeSymbols(_ bytes: Span<UInt8>, at offset: Int) throws(WireError) -> ChunkRange {
    let symbols = ChunkRange(
      first: bytes.bigEndianUInt32(at: offset), count: bytes.bigEndianUInt32(at: offset + 4))
    guard symbols.count > 0 else { throw .emptyRange }
    guard symbols.count < ParityHeader.maxSymbolCount else {
      throw .fieldOutOfRange(field: "symbol count", value: UInt64(symbols.count))
    }
    return symbols
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    precondition((1...Int(UInt16.max)).contains(entries.count), "a repair notice has 1...65,535 entries")
    var writer = ByteWriter(body)
    writer.write(timestamp)
    writer.write(grttCode.rawValue)
    writer.write(UInt8(0))
    writer.write(UInt16(entries.count))
    for entry in entries {
      writer.write(entry.firstChunk)
      writer.write(entry.count)
      writer.write(entry.firstPacketNumber)
    }
  }
}
