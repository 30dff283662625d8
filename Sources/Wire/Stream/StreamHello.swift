package import Checksum
import Ground

/// The first frame of a connection: which set the sender offers. Specs/chunked-tcp.md §4.1.
package struct StreamHello: StreamBody {
  package static let type = StreamFrameType.hello
  package static let byteCount = 48

  // Bytes 0..<8: magic, version, three zeros.
  /// Random, chosen by the sender; bytes 8..<16.
  package var sessionID: UInt64
  /// XXH3-128 of the manifest's bytes; bytes 16..<32.
  package var identity: SetIdentity
  /// Bytes 32..<36.
  package var manifestByteCount: UInt32
  /// Bytes 36..<40.
  package var fileCount: UInt32
  /// All files' bytes together; bytes 40..<48.
  package var fileByteCount: UInt64

  package init(
    sessionID: UInt64, identity: SetIdentity, manifestByteCount: UInt32, fileCount: UInt32,
    fileByteCount: UInt64
  ) {
    self.sessionID = sessionID
    self.identity = identity
    self.manifestByteCount = manifestByteCount
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
  }

  package var bodyByteCount: Int { Self.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    try Self.checkGreeting(body)
    guard body.count == Self.byteCount else { throw .malformed(.hello, field: "length") }
    self.init(
      sessionID: body.bigEndianUInt64(at: 8),
      identity: SetIdentity(high: body.bigEndianUInt64(at: 16), low: body.bigEndianUInt64(at: 24)),
      manifestByteCount: body.bigEndianUInt32(at: 32), fileCount: body.bigEndianUInt32(at: 36),
      fileByteCount: body.bigEndianUInt64(at: 40))
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(StreamLimits.magic)
    writer.write(StreamLimits.version)
    writer.writeZeros(byteCount: 3)
    writer.write(sessionID)
    writer.write(identity.high)
    writer.write(identity.low)
    writer.write(manifestByteCount)
    writer.write(fileCount)
    writer.write(fileByteCount)
  }
}
