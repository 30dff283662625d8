package import Accounting
import Datagrams
import Network

/// What a sender did, for people and for `--json`. All numbers were counted; none is estimated.
package struct UDPSendReport: Codable, Sendable {
  package struct Receiver: Codable, Sendable {
    package var name: String
    /// 16 hexadecimal digits, as the receiver's own trace and report have it.
    package var id: String
    /// whole, partial, left, silent, stalled, leftBehind.
    package var outcome: String
    /// Why, when it is not whole.
    package var reason: String?
    /// Why this member of a group was served by unicast; nil when it was not.
    package var byUnicast: String?
    package var filesVerified: Int
    /// What a receiver that is whole adds, as which of the files it had before.
    package var remark: String?
    /// From the first chunk until this was known.
    package var seconds: Double?
    package var rttMilliseconds: Double?
    /// Datagrams that its reports say it missed, on the network or at its socket.
    package var datagramsLost: UInt64
    /// Of these, dropped by its own kernel because its socket's buffer was full.
    package var socketDrops: UInt64
    /// Datagrams that its reports say came marked "congestion experienced" (RFC 3168) and were not lost.
    package var datagramsMarked: UInt64
    package var duplicates: UInt64
    package var nacks: UInt64
  }

  package var mode: String
  package var destination: String
  package var interface: String?
  package var sessionID: String
  package var fileCount: Int
  package var fileByteCount: UInt64
  package var chunkByteCount: Int
  /// Bytes of a full datagram's IP packet.
  package var packetByteCount: Int
  /// Whether that is what the path was found to carry; else it was fixed, or is the interface's.
  package var isPathProbed: Bool
  package var chunkCount: UInt64
  /// Of these, the ones that the receivers had from an earlier session, so that they were not sent.
  package var chunksLeftOut: UInt64
  /// From the first announce to the session's end, which comes a little after the last answer.
  package var seconds: Double
  /// From the first chunk to the last receiver's answer; to the session's end when that was cut short.
  package var transferSeconds: Double
  /// sent = first + repair + parity + control; `accounting` has it and the others.
  package var datagramsSent: UInt64
  package var firstDatagrams: UInt64
  package var repairDatagrams: UInt64
  /// Parity symbols.
  package var parityDatagrams: UInt64
  package var controlDatagrams: UInt64
  /// UDP payload bytes of all of them.
  package var bytesSent: UInt64
  package var nacksReceived: UInt64
  package var repairsSuppressed: UInt64
  package var reportsReceived: UInt64
  package var badDatagrams: UInt64
  /// Of the datagrams sent and received, those this side dropped itself (--drop).
  package var inducedDropsOutgoing: UInt64
  package var inducedDropsIncoming: UInt64
  /// What this host's kernel refused to send; nil when it took everything.
  package var refused: RefusedDatagrams?
  /// Whether the path was allowed to mark datagrams in place of dropping them, to the end of the session.
  package var areMarksAllowed: Bool
  package var receivers: [Receiver]
  /// Of a group: the sessions with single members that could not hear it. The numbers above are without them.
  package var unicastSessions: [UDPSendReport]
  /// One-way: how many times the whole set was sent; nil in other sessions.
  package var roundCount: UInt64?
  /// Every receiver verified every file. Nil in a one-way session that was sent to its end, because nobody
  /// knows.
  package var isWhole: Bool?
  /// Why the session ended early, when it did.
  package var problem: String?
  package var outcome: TransferOutcome
  /// What became of every datagram, Specs/accounting.md §10; a run of which it does not balance has failed.
  package var accounting: Account
}

/// Datagrams that were handed to the socket and that this host's kernel did not let go: loss, like any other.
package struct RefusedDatagrams: Codable, Equatable, Sendable {
  package var count: UInt64
  /// What the kernel said of the last one.
  package var reason: String

  /// Nil when nothing was refused.
  init?(_ refusals: DatagramWriter.Refusals) {
    guard refusals.count > 0 else { return nil }
    count = refusals.count
    reason = String(errnoCode: refusals.errno)
  }

  /// One line for people.
  package var text: String {
    "\(Counted.text(count, "datagram was", "datagrams were")) refused by this host: \(reason); look at its firewall's rules for what leaves, and at its routes"
  }
}

/// The sender's packet numbers that never arrived at a receiver, between the first and the last that did, and
/// where they were lost. A datagram can be counted only where it is seen, so what the network lost is what
/// nothing else explains.
package struct MissingDatagrams: Codable, Equatable, Sendable {
  package var count: UInt64
  /// By this receiver's own --drop or --impair.
  package var droppedOnPurpose: UInt64
  /// By the sender's own --drop or --impair, as its close said, as far as datagrams are missing.
  package var droppedBySender: UInt64
  /// By the kernel, because the socket's buffer was full (SO_MEMINFO). Counts what was not of this session as
  /// well.
  package var droppedAtSocket: UInt64
  /// They arrived, but their CRC32 was wrong.
  package var corrupt: UInt64
  /// By this receiver's own --impair, when the session ended.
  package var stillDelayed: UInt64
  package var lostOnNetwork: UInt64

  package init(
    count: UInt64, droppedOnPurpose: UInt64, droppedBySender: UInt64, droppedAtSocket: UInt64,
    corrupt: UInt64,
    stillDelayed: UInt64
  ) {
    self.count = count
    self.droppedOnPurpose = droppedOnPurpose
    self.droppedAtSocket = droppedAtSocket
    self.corrupt = corrupt
    self.stillDelayed = stillDelayed
    let explained = droppedOnPurpose + droppedAtSocket + corrupt + stillDelayed
    let rest = count - min(count, explained)
    // The sender counts all its drops, also those before the first datagram that arrived and after the last
    // one.
    self.droppedBySender = min(rest, droppedBySender)
    lostOnNetwork = rest - self.droppedBySender
  }
}

/// What a receiver did.
package struct UDPReceiveReport: Codable, Sendable {
  package var mode: String
  package var sender: String
  package var sessionID: String
  package var fileCount: Int
  package var fileByteCount: UInt64
  package var filesVerified: Int
  package var failures: [FailedFile]
  package var seconds: Double
  /// Distinct sound datagrams of the session; `accounting` has all that were received.
  package var datagramsReceived: UInt64
  package var bytesReceived: UInt64
  /// Of these datagrams, the ones that came marked "congestion experienced" (RFC 3168).
  package var datagramsMarked: UInt64
  package var chunkCount: UInt64
  package var chunksHeld: UInt64
  /// Of these, the ones that an earlier session had brought.
  package var chunksResumed: UInt64
  /// Files that were in the inbox before the session. Nothing new: these are all but the empty ones.
  package var filesHereBefore: Int
  package var hasNothingNew: Bool
  /// The set is not whole, and what is here stays for the next session of it.
  package var arePartsKept: Bool
  package var duplicateChunks: UInt64
  package var duplicateDatagrams: UInt64
  package var repairDatagrams: UInt64
  /// Parity symbols that were kept, and the chunks that were rebuilt from them.
  package var parityDatagrams: UInt64
  package var chunksRebuilt: UInt64
  package var corruptDatagrams: UInt64
  package var strayDatagrams: UInt64
  /// First transmissions that arrived after their own repair, and datagrams that arrived after the end.
  package var lateDatagrams: UInt64
  package var missing: MissingDatagrams
  package var nacksSent: UInt64
  package var nacksSuppressed: UInt64
  /// NACKs sent = necessary + spurious + open.
  package var nacksNecessary: UInt64
  package var nacksSpurious: UInt64
  package var nacksOpen: UInt64
  package var chunksAskedFor: UInt64
  package var reportsSent: UInt64
  package var socketDrops: UInt64
  package var receiveBufferByteCount: Int
  package var inducedDropsOutgoing: UInt64
  package var inducedDropsIncoming: UInt64
  /// What this host's kernel refused to send; nil when it took everything.
  package var refused: RefusedDatagrams?
  /// Why this member of a group was served by unicast; nil when it was not.
  package var byUnicast: String?
  /// Of a signed set: segments of files that were not as they were signed, each time; nil without a
  /// signature.
  package var segmentsWrong: UInt64? = nil
  /// The sender confirmed that it knows of our success.
  package var isConfirmed: Bool
  package var isWhole: Bool
  package var problem: String?
  package var outcome: TransferOutcome
  /// What became of every datagram, Specs/accounting.md §10; a run of which it does not balance has failed.
  package var accounting: Account
}
