/// Which side of a session writes the trace.
package enum TraceRole: String, Sendable {
  case sender
  case receiver
}

/// Which way a datagram went, as its writer sees it.
package enum TraceDirection: String, Sendable {
  case outgoing
  case incoming
}

/// What a session is, for `gallery:session_started`.
package struct TracedSession: Sendable {
  package var sessionID: UInt64
  package var mode: String
  package var local: String
  package var remote: String
  package var fileCount: UInt64
  package var fileByteCount: UInt64
  package var chunkCount: UInt64
  package var chunkByteCount: UInt64
  /// Of the induced impairment.
  package var seed: UInt64
  /// What the chunks belong to; empty where that is not known yet.
  package var files: [TracedFile] = []

  package init(
    sessionID: UInt64, mode: String, local: String, remote: String, fileCount: UInt64, fileByteCount: UInt64,
    chunkCount: UInt64, chunkByteCount: UInt64, seed: UInt64
  ) {
    self.sessionID = sessionID
    self.mode = mode
    self.local = local
    self.remote = remote
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
    self.chunkCount = chunkCount
    self.chunkByteCount = chunkByteCount
    self.seed = seed
  }
}

/// A file of a set and its chunks, for `gallery:files_named`.
package struct TracedFile: Sendable, Equatable {
  /// The most files that a trace names.
  package static let limit = 10_000

  package var name: String
  package var chunks: Range<UInt64>

  package init(name: String, chunks: Range<UInt64>) {
    self.name = name
    self.chunks = chunks
  }
}

/// How chunks came or went without a datagram that names them, for `gallery:chunks_updated`.
package enum TracedChunkChange: String, Sendable, CaseIterable {
  /// They are here from an earlier session.
  case resumed
  /// They were rebuilt from parity.
  case rebuilt
  /// They are not here, although they arrived: there was no room for them, or their file was not right.
  case forgotten
}
