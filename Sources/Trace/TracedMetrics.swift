package import Session
package import Wire

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
  /// Datagrams that came marked "congestion experienced".
  package var markedDatagramCount: UInt64
  package var heldChunkCount: UInt64

  package init(
    receiverID: UInt64, smoothedRttNanoseconds: UInt64?, latestRttNanoseconds: UInt64?,
    minimumRttNanoseconds: UInt64?,
    rateBitsPerSecond: UInt64, windowDatagramCount: UInt64, inFlightDatagramCount: UInt64,
    lostDatagramCount: UInt64,
    socketDropCount: UInt64, markedDatagramCount: UInt64 = 0, heldChunkCount: UInt64
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
    self.markedDatagramCount = markedDatagramCount
    self.heldChunkCount = heldChunkCount
  }
}

extension TracedMetrics {
  /// Nil when the message says nothing of the path, or its receiver is not known.
  package init?(_ machine: SenderMachine, after message: ControlMessage, chunkCount: UInt64) {
    let receiverID: UInt64
    switch message {
    case .report(let report): receiverID = report.receiverID
    case .complete(let complete): receiverID = complete.receiverID
    default: return nil
    }
    guard let peer = machine.peer(receiverID) else { return nil }
    let rtt = peer.rtt.hasSample ? peer.rtt : nil
    self.init(
      receiverID: peer.receiverID, smoothedRttNanoseconds: rtt?.smoothed, latestRttNanoseconds: rtt?.latest,
      minimumRttNanoseconds: rtt?.minimum,
      rateBitsPerSecond: UInt64(
        min(1e15, machine.datagramsPerSecond * Double(machine.datagramByteCount) * 8)),
      windowDatagramCount: machine.windowDatagramCount,
      inFlightDatagramCount: machine.inFlightDatagramCount(of: peer),
      lostDatagramCount: peer.lostDatagrams, socketDropCount: UInt64(peer.socketDrops),
      markedDatagramCount: peer.marks.count,
      heldChunkCount: peer.outcome.isWhole ? chunkCount : peer.chunksHeld)
  }
}
