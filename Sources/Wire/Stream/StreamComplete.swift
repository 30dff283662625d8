import Ground

/// The receiver's answer to an end: how the session ended there. Specs/chunked-tcp.md §4.7.
package struct StreamComplete: StreamBody {
  package static let type = StreamFrameType.complete
  package static let maxTextByteCount = Complete.maxTextByteCount

  /// Bytes 0..<4.
  package var verifiedFileCount: UInt32
  /// Bytes 4..<8.
  package var failedFileCount: UInt32
  /// Byte 8.
  package var status: CompleteStatus
  /// For people: UTF-8, ≤ 200 bytes; its byte count is byte 9. Escape control characters before it is shown.
  package let text: String

  /// A `text` longer than 200 bytes is cut between two characters.
  package init(
    verifiedFileCount: UInt32, failedFileCount: UInt32, status: CompleteStatus, text: String = ""
  ) {
    self.verifiedFileCount = verifiedFileCount
    self.failedFileCount = failedFileCount
    self.status = status
    self.text = WireText.clipped(text, byteCount: Self.maxTextByteCount)
  }

  package var bodyByteCount: Int { 10 + text.utf8.count }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(
      verifiedFileCount: body.bigEndianUInt32(at: 0), failedFileCount: body.bigEndianUInt32(at: 4),
      status: CompleteStatus(rawValue: body[8]),
      text: try Self.text(body, at: 9, maxByteCount: Self.maxTextByteCount))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(verifiedFileCount)
    writer.write(failedFileCount)
    writer.write(status.rawValue)
    WireText.write(text, into: &writer)
  }
}
