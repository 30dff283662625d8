/// The session is over, and why; the same in every version. Specs/chunked-tcp.md §4.8.
package struct StreamAbort: StreamBody {
  package static let type = StreamFrameType.abort
  package static let maxTextByteCount = Abort.maxTextByteCount

  /// Byte 0.
  package var reason: AbortReason
  /// For people: UTF-8, ≤ 200 bytes; its byte count is byte 1. Escape control characters before it is shown.
  package let text: String

  /// A `text` longer than 200 bytes is cut between two characters.
  package init(reason: AbortReason, text: String = "") {
    self.reason = reason
    self.text = WireText.clipped(text, byteCount: Self.maxTextByteCount)
  }

  package var bodyByteCount: Int { 2 + text.utf8.count }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(
      reason: AbortReason(rawValue: body[0]),
      text: try Self.text(body, at: 1, maxByteCount: Self.maxTextByteCount))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(reason.rawValue)
    WireText.write(text, into: &writer)
  }
}
