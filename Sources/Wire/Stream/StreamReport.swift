import Ground

/// How much a receiver has stored. Sent at least once a second while files arrive, so that the sender knows
/// that the receiver is there, even when the buffers of the path are long. Specs/chunked-tcp.md §4.9.
package struct StreamReport: StreamBody {
  package static let type = StreamFrameType.report
  package static let byteCount = 12

  /// Bytes of files that are stored; bytes 0..<8.
  package var fileByteCount: UInt64
  /// Files that are verified and visible; bytes 8..<12.
  package var verifiedFileCount: UInt32

  package init(fileByteCount: UInt64, verifiedFileCount: UInt32) {
    self.fileByteCount = fileByteCount
    self.verifiedFileCount = verifiedFileCount
  }

  package var bodyByteCount: Int { Self.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(fileByteCount: body.bigEndianUInt64(at: 0), verifiedFileCount: body.bigEndianUInt32(at: 8))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(fileByteCount)
    writer.write(verifiedFileCount)
  }
}
