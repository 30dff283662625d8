import Ground

/// How much a receiver has, and what its full disk lacks. Sent at least once a second, so that the sender
/// knows that the receiver is there, even when the buffers of the path are long. Specs/chunked-tcp.md §4.9.
package struct StreamReport: StreamBody {
  package static let type = StreamFrameType.report
  package static let byteCount = 16

  /// Bytes of files that the receiver has, those of earlier sessions too; bytes 0..<8.
  package var fileByteCount: UInt64
  /// Files that are verified and visible; bytes 8..<12.
  package var verifiedFileCount: UInt32
  /// What the disk lacks for the rest of the set, in KiB; 0: it is not full; bytes 12..<16.
  package var missingKibibytes: UInt32

  package init(fileByteCount: UInt64, verifiedFileCount: UInt32, missingKibibytes: UInt32 = 0) {
    self.fileByteCount = fileByteCount
    self.verifiedFileCount = verifiedFileCount
    self.missingKibibytes = missingKibibytes
  }

  package var bodyByteCount: Int { Self.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(
      fileByteCount: body.bigEndianUInt64(at: 0), verifiedFileCount: body.bigEndianUInt32(at: 8),
      missingKibibytes: body.bigEndianUInt32(at: 12))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(fileByteCount)
    writer.write(verifiedFileCount)
    writer.write(missingKibibytes)
  }
}
