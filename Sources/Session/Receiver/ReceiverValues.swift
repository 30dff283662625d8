package import Accounting
package import Wire

extension ReceiverMachine {
  /// Where a session is, for its owner.
  package enum Phase: Sendable, Equatable {
    /// No session has sent a chunk yet. Announces are answered.
    case listening
    /// Chunks are missing.
    case receiving
    /// All chunks are here; the owner verifies the files.
    case verifying
    /// Complete was sent; the sender has not confirmed it yet.
    case completing
    case ended(ReceiverEnd)
  }

  /// What the owner does with a chunk's payload.
  package enum ChunkFate: Sendable, Equatable {
    case keep
    /// It is here already.
    case duplicate
    /// Not of this session, not possible, or no room now.
    case refused
  }
}

/// What happened at a receiver, for its owner.
package enum ReceiverEvent: Sendable, Equatable {
  /// The first chunk of an announced session is here.
  case began(Announce, sessionID: UInt64)
  /// Every chunk is here: the owner verifies the files and calls `handleVerified`.
  case allChunksHeld
  /// As many symbols of a block were kept as chunks of it are missing: the owner rebuilds these and calls
  /// `handleRebuilt`.
  case canRebuild(block: UInt64)
  /// The block is whole, or its symbols give way to those of another: the owner drops them.
  case symbolsUnneeded(block: UInt64)
  /// A group is heard, and its chunks do not get through: the owner ends here, and asks for unicast.
  case chunksBlocked(UnicastRequest)
  case ended(ReceiverEnd)
}

/// How a session ended at a receiver.
package enum ReceiverEnd: Sendable, Equatable {
  /// `confirmed`: the sender's close arrived. Unconfirmed, the files are verified all the same.
  case completed(Complete, confirmed: Bool)
  /// The sender ended it.
  case aborted(AbortReason, String)
  /// Nothing was heard for the idle time, with chunks missing.
  case senderSilent
  /// The sender of a one-way session has sent all its rounds, and chunks are missing.
  case senderDone
  /// The sender is heard, but for longer than is allowed it sent no chunk, or none that was missing.
  case senderStalled
  /// This side ended it.
  case cancelled(AbortReason, String)
}

/// One datagram a receiver sends; the driver encodes it.
package struct ReceiverTransmission: Sendable {
  /// Whose sender it goes to.
  package var sessionID: UInt64
  package var message: ControlMessage
  package var flags: DatagramFlags
  package var packetNumber: UInt32
}

/// What a receiver counted. Every datagram that the machine is given is in exactly one of `new`, `duplicate`,
/// `late`, `refused`, `control`, `parity` and `foreign`; Specs/accounting.md §10 defines them.
package struct ReceiverCounters: Sendable, Equatable {
  /// Brought a chunk that is kept.
  package var new = Tally()
  /// Its packet number was here before, or it repairs a chunk that is here already.
  package var duplicate = Tally()
  /// The first transmission of a chunk that its repair had brought; anything once the session has ended here;
  /// a packet number too old to be remembered.
  package var late = Tally()
  /// Brought a chunk for which there was no room.
  package var refused = Tally()
  /// Announce, notice, end, close, abort of this session's sender.
  package var control = Tally()
  /// Brought a symbol that is kept.
  package var parity = Tally()
  /// Sound, but not for this receiver: of another session, of another receiver, before any session,
  /// impossible.
  package var foreign = Tally()
  /// Kept, and then found unusable when the manifest came.
  package var forgottenChunks: UInt64 = 0
  /// Datagrams whose packet number was far from all others; what they brought was taken all the same.
  package var strangeNumbers: UInt64 = 0
  /// Distinct datagrams of this session, and their UDP payload bytes.
  package var datagrams: UInt64 = 0
  package var byteCount: UInt64 = 0
  /// Of these datagrams, the ones that came marked "congestion experienced".
  package var markedDatagrams: UInt64 = 0
  /// The same packet number again: the network doubled it.
  package var duplicateDatagrams: UInt64 = 0
  /// A chunk that was here already, in a datagram of its own: a repair that was not needed here.
  package var duplicateChunks: UInt64 = 0
  package var repairDatagrams: UInt64 = 0
  /// Chunks that the owner rebuilt from symbols.
  package var rebuiltChunks: UInt64 = 0
  /// No room for it yet; asked for again.
  package var refusedChunks: UInt64 = 0
  package var strayDatagrams: UInt64 = 0
  package var malformedDatagrams: UInt64 = 0
  package var joinsSent: UInt64 = 0
  /// Times that a NACK was to be sent; each was then sent or suppressed.
  package var nacksDue: UInt64 = 0
  package var nacksSent: UInt64 = 0
  /// A NACK that was due and found nothing left to ask for: others had asked, or it had come.
  package var nacksSuppressed: UInt64 = 0
  package var chunksAskedFor: UInt64 = 0
  package var reportsSent: UInt64 = 0
  package var completesSent: UInt64 = 0
  /// Chunks that were here from an earlier session, and NACKs that told the sender so.
  package var resumedChunks: UInt64 = 0
  package var restsSent: UInt64 = 0
  package var abortsSent: UInt64 = 0

  package init() {}
}
