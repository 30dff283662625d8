import Ground

/// The receiver's answer to a hello: it accepts the set. Specs/chunked-tcp.md §4.2.
package struct StreamWelcome: StreamBody {
  package static let type = StreamFrameType.welcome
  package static let maxHostNameByteCount = Join.maxHostNameByteCount

  // Bytes 0..<8: magic, version, three zeros.
  /// Random, chosen by the receiver for this session; bytes 8..<16.
  package var receiverID: UInt64
  /// The receiver's name for people: UTF-8, ≤ 64 bytes; its byte count is byte 16. Escape control characters
  /// before it is shown.
  package let hostName: String

  /// A `hostName` longer than 64 bytes is cut between two characters.
  package init(receiverID: UInt64, hostName: String) {
    self.receiverID = receiverID
    self.hostName = WireText.clipped(hostName, byteCount: Self.maxHostNameByteCount)
  }

  package var bodyByteCount: Int { 17 + hostName.utf8.count }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    try Self.checkGreeting(body)
    guard body.count >= 17 else { throw .malformed(.welcome, field: "length") }
    self.init(
      receiverID: body.bigEndianUInt64(at: 8),
      hostName: try Self.text(body, at: 16, maxByteCount: Self.maxHostNameByteCount))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(StreamLimits.magic)
    writer.write(StreamLimits.version)
    writer.writeZeros(byteCount: 3)
    writer.write(receiverID)
    WireText.write(hostName, into: &writer)
  }
}
