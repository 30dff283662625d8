import FileSet
import Ground
import NIOCore
import Network
import Trace

/// What a sender's trace says of its session.
extension UDPSendSession {
  var traced: TracedSession {
    var session = TracedSession(
      sessionID: sessionID, mode: options.mode.rawValue, local: localAddress.text, remote: path.address.text,
      fileCount: UInt64(source.layout.fileCount), fileByteCount: source.manifest.fileByteCount,
      chunkCount: source.layout.totalChunkCount, chunkByteCount: UInt64(source.layout.chunkByteCount),
      seed: options.impairments.seed)
    if !options.trace.isNone { session.files = TracedFile.all(source.manifest, source.layout) }
    return session
  }
}
