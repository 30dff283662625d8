import Ground

/// A frame whose whole body is one value: every type but manifest and data.
package protocol StreamBody: Equatable, Sendable {
  static var type: StreamFrameType { get }

  /// The body's length.
  var bodyByteCount: Int { get }

  /// Reads a body whose length is one of the type's `bodyByteCounts`.
  init(decoding body: Span<UInt8>) throws(StreamError)

  /// Writes the body into memory of exactly `bodyByteCount` bytes.
  func write(into body: UnsafeMutableRawBufferPointer)
}

extension StreamBody {
  /// The whole frame: length, type, body.
  package func frame() -> [UInt8] {
    let byteCount = StreamLimits.frameHeaderByteCount + bodyByteCount
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
      let frame = UnsafeMutableRawBufferPointer(buffer)
      StreamFrame.writeHeader(Self.type, bodyByteCount: bodyByteCount, into: frame)
      write(
        into: UnsafeMutableRawBufferPointer(
          rebasing: frame[StreamLimits.frameHeaderByteCount..<byteCount]))
      initializedCount = byteCount
    }
  }

  /// Reads a text (u8 byte count, UTF-8) that ends the body.
  static func text(
    _ body: Span<UInt8>, at offset: Int, maxByteCount: Int
  ) throws(StreamError) -> String {
    do throws(WireError) {
      return try WireText.decode(body, at: offset, maxByteCount: maxByteCount, field: "text")
    } catch {
      throw .malformed(type, field: "text")
    }
  }

  /// Reads magic and version, which stand at the same place in every version.
  static func checkGreeting(_ body: Span<UInt8>) throws(StreamError) {
    guard body.bigEndianUInt32(at: 0) == StreamLimits.magic else {
      throw .badMagic(body.bigEndianUInt32(at: 0))
    }
    guard body[4] == StreamLimits.version else { throw .versionMismatch(theirs: body[4]) }
  }
}

/// Frame headers.
package enum StreamFrame {
  /// Writes length and type to the first 5 bytes of `buffer`.
  package static func writeHeader(
    _ type: StreamFrameType, bodyByteCount: Int, into buffer: UnsafeMutableRawBufferPointer
  ) {
    var writer = ByteWriter(buffer)
    writer.write(UInt32(1 + bodyByteCount))
    writer.write(type.rawValue)
  }
}
