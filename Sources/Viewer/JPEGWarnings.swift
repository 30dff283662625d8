/// The meaning of libjpeg's warnings. Many of them concern nothing visible: an unknown version, bytes between
/// segments, irrelevant numbers in a scan's header. Only missing coefficients are worth a note.
enum JPEGWarnings {
  /// What one warning means.
  enum Meaning: Equatable {
    /// Every coefficient is there.
    case harmless
    /// Bytes are left over in a scan before its marker. They are padding, or the decoder lost its position.
    case leftover(byteCount: Int, marker: Int)
    /// The file ends before the end marker.
    case endOfFile
    /// Coefficients are missing or wrong.
    case missing(note: String)
  }

  /// Reads libjpeg's own words (jerror.h, JWRN_…), which are the same in every locale.
  static func meaning(_ text: String) -> Meaning {
    if text.contains("remature end of JPEG file") { return .endOfFile }
    if text.contains("remature end") { return .missing(note: "incomplete") }
    let damage = ["bad Huffman code", "bad arithmetic code", "instead of RST", "Inconsistent progression"]
    if damage.contains(where: text.contains) { return .missing(note: "damaged") }
    return leftover(text) ?? .harmless
  }

  /// "Corrupt JPEG data: 12 extraneous bytes before marker 0xd9"; nil unless the marker ends coded data.
  private static func leftover(_ text: String) -> Meaning? {
    guard text.contains("extraneous bytes") else { return nil }
    let words = text.split(separator: " ")
    guard let position = words.firstIndex(of: "extraneous"), position > 0,
      let byteCount = Int(words[position - 1]),
      let marker = words.last.flatMap({ Int($0.dropFirst(2), radix: 16) }),
      (0xD0...0xD9).contains(marker)  // RSTn, SOI, EOI: elsewhere the bytes lie between segments
    else { return nil }
    return .leftover(byteCount: byteCount, marker: marker)
  }

  /// Whether bytes left over before the end marker are padding: few bytes, or equal ones. The bytes behind a
  /// decoder that lost its position are more, and mixed.
  static func isPadding(byteCount: Int, marker: Int, of bytes: UnsafeRawBufferPointer) -> Bool {
    if byteCount < 16 { return true }
    guard marker == 0xD9, let end = endMarker(in: bytes), end > byteCount, let last = bytes[..<end].last
    else {
      return false
    }
    return bytes[(end - byteCount)..<end].allSatisfy { $0 == last }
  }

  /// Where the last EOI in the file's last kilobyte stands. Some programs append a few bytes behind it.
  static func endMarker(in bytes: UnsafeRawBufferPointer) -> Int? {
    let tail = bytes.suffix(1024)
    return tail.indices.dropLast().last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD9 }
  }
}
