/// Text in a message: a byte count (u8), then as many bytes of UTF-8.
enum WireText {
  /// The longest start of `text` that fits into `byteCount` bytes of UTF-8 and ends between two characters.
  static func clipped(_ text: String, byteCount: Int) -> String {
    guard text.utf8.count > byteCount else { return text }
    var kept = ""
    var keptByteCount = 0
    for character in text {
      keptByteCount += character.utf8.count
      guard keptByteCount <= byteCount else { break }
      kept.append(character)
    }
    return kept
  }

  /// Reads the text whose byte count stands at `offset` and which ends the datagram.
  static func decode(
    _ bytes: Span<UInt8>, at offset: Int, maxByteCount: Int, field: String
  ) throws(WireError) -> String {
    try bytes.requireAtLeast(offset + 1)
    let byteCount = Int(bytes[offset])
    guard byteCount <= maxByteCount else {
      throw .fieldOutOfRange(field: "\(field) byte count", value: UInt64(byteCount))
    }
    try bytes.requireExactly(offset + 1 + byteCount)
    var units: [UInt8] = []
    units.reserveCapacity(byteCount)
    for index in (offset + 1)..<bytes.count { units.append(bytes[index]) }
    guard let text = String(validating: units, as: UTF8.self) else { throw .invalidText(field: field) }
    return text
  }

  /// Writes the byte count and the bytes; `text` has at most 255 of them.
  static func write(_ text: String, into writer: inout ByteWriter) {
    writer.write(UInt8(text.utf8.count))
    writer.write(text.utf8)
  }
}
