import Ground

/// Every file is sent; the receiver answers with a complete. Specs/chunked-tcp.md §4.6.
package struct StreamEnd: StreamBody {
  package static let type = StreamFrameType.end
  package static let byteCount = 12

  /// Files sent; bytes 0..<4.
  package var fileCount: UInt32
  /// Bytes of files sent; bytes 4..<12.
  package var fileByteCount: UInt64

  package init(fileCount: UInt32, fileByteCount: UInt64) {
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
  }

  package var bodyByteCount: Int { Self.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(fileCount: body.bigEndianUInt32(at: 0), fileByteCount: body.bigEndianUInt64(at: 4))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(fileCount)
    writer.write(fileByteCount)
  }
}
