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

/// What a sender knows of the path to one receiver, for `gallery:metrics_updated`. Nil: not known yet.
package struct TracedMetrics: Sendable {
  package var receiverID: UInt64
  package var smoothedRttNanoseconds: UInt64?
  package var latestRttNanoseconds: UInt64?
  package var minimumRttNanoseconds: UInt64?
  /// The rate the sender keeps to, bits of UDP payload per second.
  package var rateBitsPerSecond: UInt64
  /// Datagrams that may be in flight, and that are.
  package var windowDatagramCount: UInt64
  package var inFlightDatagramCount: UInt64
  package var lostDatagramCount: UInt64
  package var socketDropCount: UInt64
  package var heldChunkCount: UInt64

  package init(
    receiverID: UInt64, smoothedRttNanoseconds: UInt64?, latestRttNanoseconds: UInt64?,
    minimumRttNanoseconds: UInt64?,
    rateBitsPerSecond: UInt64, windowDatagramCount: UInt64, inFlightDatagramCount: UInt64,
    lostDatagramCount: UInt64,
    socketDropCount: UInt64, heldChunkCount: UInt64
  ) {
    self.receiverID = receiverID
    self.smoothedRttNanoseconds = smoothedRttNanoseconds
    self.latestRttNanoseconds = latestRttNanoseconds
    self.minimumRttNanoseconds = minimumRttNanoseconds
    self.rateBitsPerSecond = rateBitsPerSecond
    self.windowDatagramCount = windowDatagramCount
    self.inFlightDatagramCount = inFlightDatagramCount
    self.lostDatagramCount = lostDatagramCount
    self.socketDropCount = socketDropCount
    self.heldChunkCount = heldChunkCount
  }
}
