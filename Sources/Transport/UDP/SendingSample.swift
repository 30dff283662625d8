import Accounting
import Datagrams
import FileSet
package import Ground
package import Session
import Wire

/// What a sender knows of its receivers, at one moment: for a window.
package struct SendingSample: Sendable {
  package struct Receiver: Sendable {
    package var id: UInt64
    /// What it calls itself; from the wire, so print it as `name.printable`. Empty: not known yet.
    package var name: String
    /// Without a port; empty: not known.
    package var address: String
    /// All of them, when it is whole.
    package var chunksHeld: UInt64
    package var lostDatagramCount: UInt64
    /// Smoothed; nil before the first sample.
    package var rttNanoseconds: UInt64?
    package var outcome: PeerOutcome
    /// Why it is not whole, once that is settled.
    package var reason: String?
    /// It has left a group, and has a session of its own.
    package var isServedApart = false
    /// All that it has asked for so far, also what was sent again since; nil: nothing.
    package var asked: ChunkMap?
    /// In a group: the others do not wait for it.
    package var isLagging: Bool

    package init(
      id: UInt64, name: String, address: String, chunksHeld: UInt64, lostDatagramCount: UInt64 = 0,
      rttNanoseconds: UInt64? = nil, outcome: PeerOutcome = .underWay, reason: String? = nil,
      isLagging: Bool = false
    ) {
      self.id = id
      self.name = name
      self.address = address
      self.chunksHeld = chunksHeld
      self.lostDatagramCount = lostDatagramCount
      self.rttNanoseconds = rttNanoseconds
      self.outcome = outcome
      self.reason = reason
      self.isLagging = isLagging
    }
  }

  /// Receivers that a sample names, at most; of a larger group the first that came.
  package static let receiverLimit = 256

  package var sessionID: UInt64
  package var now: Instant
  package var isGroup: Bool
  /// Chunks flow.
  package var hasStarted: Bool
  package var chunkCount: UInt64
  /// Chunks before this one were sent, or need not be.
  package var sentChunkCount: UInt64 = 0
  package var fileByteCount: UInt64
  /// Sent so far, with their bytes of UDP payload.
  package var datagramCount: UInt64
  package var byteCount: UInt64
  package var nackCount: UInt64
  package var receivers: [Receiver]
  /// All that joined.
  package var receiverCount: Int

  package init(
    sessionID: UInt64, now: Instant, isGroup: Bool, hasStarted: Bool, chunkCount: UInt64,
    fileByteCount: UInt64, datagramCount: UInt64, byteCount: UInt64, nackCount: UInt64,
    receivers: [Receiver], receiverCount: Int
  ) {
    self.sessionID = sessionID
    self.now = now
    self.isGroup = isGroup
    self.hasStarted = hasStarted
    self.chunkCount = chunkCount
    self.fileByteCount = fileByteCount
    self.datagramCount = datagramCount
    self.byteCount = byteCount
    self.nackCount = nackCount
    self.receivers = receivers
    self.receiverCount = receiverCount
  }
}

extension UDPSendSession {
  /// What a window shows of the session. Without one it costs nothing.
  func tellReceivers() {
    guard let onSample = options.onSample, let handler else { return }
    let machine = handler.machine
    let chunkCount = source.layout.totalChunkCount
    var sample = SendingSample(
      sessionID: sessionID, now: clock.now, isGroup: options.mode.isGroup, hasStarted: startedAt != nil,
      chunkCount: chunkCount, fileByteCount: source.manifest.fileByteCount,
      datagramCount: handler.counters.sent.count, byteCount: handler.counters.sent.byteCount,
      nackCount: machine.counters.nacksReceived,
      receivers: machine.peers.prefix(SendingSample.receiverLimit).map { peer in
        var receiver = SendingSample.Receiver(
          id: peer.receiverID, name: peer.hostName, address: handler.notes.addresses[peer.receiverID] ?? "",
          chunksHeld: peer.outcome.isWhole ? chunkCount : min(peer.chunksHeld, chunkCount),
          lostDatagramCount: peer.lostDatagrams,
          rttNanoseconds: peer.rtt.hasSample ? peer.rtt.smoothed : nil,
          outcome: peer.outcome,
          reason: peer.outcome == .underWay || peer.outcome.isWhole ? nil : reason(peer.outcome),
          isLagging: peer.isLagging)
        receiver.asked = handler.notes.asked[peer.receiverID]
        if case .left(.needsUnicast, _) = peer.outcome { receiver.isServedApart = sides != nil }
        return receiver
      }, receiverCount: machine.peers.count)
    sample.sentChunkCount = min(machine.nextChunk, chunkCount)
    onSample(sample)
  }
}
