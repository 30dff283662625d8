import Ground

/// The head of a data frame's body: the file, and the place in it. Specs/chunked-tcp.md §4.4.
package struct StreamDataHeader: Equatable, Sendable {
  /// Bytes of this header in the body. The file's bytes follow it.
  package static let byteCount = 12
  /// Bytes of this header with the frame's length and type before it.
  package static let framedByteCount = StreamLimits.frameHeaderByteCount + byteCount

  /// The file's index in the manifest; bytes 0..<4 of the body.
  package var file: UInt32
  /// Where the bytes belong; bytes 4..<12.
  package var offset: UInt64

  package init(file: UInt32, offset: UInt64) {
    self.file = file
    self.offset = offset
  }

  init(decoding bytes: Span<UInt8>) {
    self.init(file: bytes.bigEndianUInt32(at: 0), offset: bytes.bigEndianUInt64(at: 4))
  }

  /// Writes length, type and this header to the first 17 bytes of `buffer`. `byteCount` bytes of the file, 1
  /// ... 1 MiB, must follow.
  package func writeFramed(byteCount: Int, into buffer: UnsafeMutableRawBufferPointer) {
    precondition((1...StreamLimits.pieceByteCount).contains(byteCount), "a piece of 1 byte to 1 MiB")
    StreamFrame.writeHeader(.data, bodyByteCount: Self.byteCount + byteCount, into: buffer)
    var writer = ByteWriter(
      UnsafeMutableRawBufferPointer(
        rebasing: buffer[StreamLimits.frameHeaderByteCount..<Self.framedByteCount]))
    writer.write(file)
    writer.write(offset)
  }
}
