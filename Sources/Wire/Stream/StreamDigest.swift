import Ground

/// All bytes of a file have been sent, and they have this CRC32. Specs/chunked-tcp.md §4.5.
package struct StreamDigest: StreamBody {
  package static let type = StreamFrameType.digest
  package static let byteCount = 8

  /// The file's index in the manifest; bytes 0..<4.
  package var file: UInt32
  /// The CRC32 of all its bytes, 0 for an empty file; bytes 4..<8.
  package var checksum: UInt32

  package init(file: UInt32, checksum: UInt32) {
    self.file = file
    self.checksum = checksum
  }

  package var bodyByteCount: Int { Self.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    self.init(file: body.bigEndianUInt32(at: 0), checksum: body.bigEndianUInt32(at: 4))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(file)
    writer.write(checksum)
  }
}
