/// One side of a transfer, in any mode and protocol. `run` blocks, and is called on a plain thread; `cancel`
/// may be called on any thread, at any time.
package protocol Transfer: Sendable {
  associatedtype Report: Sendable
  /// Runs to the end. `tell` hears each event as it happens, on a thread of the transfer's own: it must not
  /// block.
  func run(_ tell: @escaping @Sendable (TransferEvent) -> Void) throws -> Report
  /// Ends it and tells the other side. `run` returns soon after.
  func cancel()
}

extension Transfer {
  /// Runs to the end, and tells nobody what happens.
  package func run() throws -> Report { try run { _ in } }
}

/// What happens in a transfer.
package enum TransferEvent: Equatable, Sendable {
  /// The receiver's socket is bound there: from now on it receives what is sent to it.
  case listening(address: String, port: Int)
  /// The receiver's session began.
  case began(SessionStart)
  /// A search has found a receiver, or knows that it has become busy or free.
  case found(FoundHost)
  /// How the sender serves a receiver that was found, and why so; again when that changes.
  case way(ReceiverWay)
  /// A receiver has joined the sender's session.
  case joined(ReceiverJoin)
  /// A receiver of the sender's session was given up, or ended it itself.
  case lost(LostReceiver)
  /// A member of a group hears its announces and not its chunks: it is served by unicast from now on.
  case unicast(UnicastReceiver)
  /// A receiver's disk is full, or has room again.
  case storage(ReceiverStorage)
  /// About ten times a second.
  case progress(TransferProgress)
  /// All bytes of a file are here. It can be shown, but it is not verified yet.
  case arrived(FileArrival)
  /// A file is verified and in its place (naive: stored).
  case verified(FileArrival)
  /// One line for people.
  case notice(String)
  /// How the session ended, in one line.
  case ended(String)
}

/// What a receiver knows of a session when it begins.
package struct SessionStart: Encodable, Equatable, Sendable {
  /// Address and port.
  package var sender: String
  /// 16 hexadecimal digits.
  package var sessionID: String
  package var fileCount: Int
  package var fileByteCount: UInt64

  package init(sender: String, sessionID: String, fileCount: Int, fileByteCount: UInt64) {
    self.sender = sender
    self.sessionID = sessionID
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
  }
}

/// A receiver that was found by invitation.
package struct FoundHost: Encodable, Equatable, Sendable {
  /// As those of ``ReceiverJoin``.
  package var name: String
  package var address: String
  package var receiverID: String
  /// It has another session.
  package var isBusy: Bool

  package init(name: String, address: String, receiverID: String, isBusy: Bool) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
    self.isBusy = isBusy
  }
}

/// How a receiver is served.
package struct ReceiverWay: Encodable, Equatable, Sendable {
  /// As those of ``ReceiverJoin``.
  package var name: String
  package var address: String
  package var receiverID: String
  package var mode: TransferMode
  package var reason: String

  package init(name: String, address: String, receiverID: String, mode: TransferMode, reason: String) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
    self.mode = mode
    self.reason = reason
  }
}

/// A receiver that has joined a sender's session.
package struct ReceiverJoin: Encodable, Equatable, Sendable {
  /// What the receiver calls itself; from the wire, so print it as `name.printable`.
  package var name: String
  /// Without a port. UDP: where its datagrams come from. TCP: the destination, as it was given.
  package var address: String
  /// 16 hexadecimal digits.
  package var receiverID: String

  package init(name: String, address: String, receiverID: String) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
  }
}

/// A receiver that has not every file, and why.
package struct LostReceiver: Encodable, Equatable, Sendable {
  /// As those of ``ReceiverJoin``; the name is empty when its join was lost.
  package var name: String
  package var address: String
  package var receiverID: String
  /// The word and the reason of the sender's report.
  package var outcome: String
  package var reason: String

  package init(name: String, address: String, receiverID: String, outcome: String, reason: String) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
    self.outcome = outcome
    self.reason = reason
  }
}

/// A receiver whose disk is full, or has room again.
package struct ReceiverStorage: Encodable, Equatable, Sendable {
  /// As those of ``ReceiverJoin``.
  package var name: String
  package var address: String
  package var receiverID: String
  /// What it lacks for the rest of the set, in steps of 1,024; 0: it has room again.
  package var missingByteCount: UInt64

  package init(name: String, address: String, receiverID: String, missingByteCount: UInt64) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
    self.missingByteCount = missingByteCount
  }
}

/// A member of a group that is served by unicast, and why.
package struct UnicastReceiver: Encodable, Equatable, Sendable {
  /// As those of ``ReceiverJoin``.
  package var name: String
  package var address: String
  package var receiverID: String
  package var reason: String

  package init(name: String, address: String, receiverID: String, reason: String) {
    self.name = name
    self.address = address
    self.receiverID = receiverID
    self.reason = reason
  }
}

/// How far a transfer is: what a progress bar draws. Told about ten times a second.
package struct TransferProgress: Equatable, Sendable {
  /// Bytes of files that are sent, or received and stored; headers, manifest and repairs do not count.
  package var fileBytesDone: UInt64
  /// All files' bytes together.
  package var fileBytesTotal: UInt64
  /// Goodput over the last second or so, file bytes.
  package var bytesPerSecond: Double
  /// Part of the datagrams that were lost, in [0, 1]; nil where it is not known (TCP).
  package var lossFraction: Double?
  /// Datagrams that repaired so far; 0 for TCP.
  package var repairCount: UInt64
  /// At the present rate; nil while there is none.
  package var secondsLeft: Double?
  /// Receivers whose disk is full; the receiver itself counts as one.
  package var fullDiskCount: Int

  package init(
    fileBytesDone: UInt64, fileBytesTotal: UInt64, bytesPerSecond: Double, lossFraction: Double? = nil,
    repairCount: UInt64 = 0, secondsLeft: Double? = nil, fullDiskCount: Int = 0
  ) {
    self.fileBytesDone = fileBytesDone
    self.fileBytesTotal = fileBytesTotal
    self.bytesPerSecond = bytesPerSecond
    self.lossFraction = lossFraction
    self.repairCount = repairCount
    self.secondsLeft = secondsLeft
    self.fullDiskCount = fullDiskCount
  }
}

/// A file that is verified and visible at the receiver.
package struct FileArrival: Equatable, Sendable {
  /// The file's index in the manifest, in 0 ..< `fileCount`.
  package var index: Int
  /// Its name in the manifest; from the wire, so print it as `name.printable`.
  package var name: String
  /// Where it is.
  package var path: String
  package var byteCount: UInt64
  /// Files of the set.
  package var fileCount: Int

  package init(index: Int, name: String, path: String, byteCount: UInt64, fileCount: Int) {
    self.index = index
    self.name = name
    self.path = path
    self.byteCount = byteCount
    self.fileCount = fileCount
  }
}
