package import Accounting

/// How a transfer over TCP ended, on one connection.
package enum TransferOutcome: String, Codable, Sendable {
  /// Every file arrived and is verified.
  case whole
  /// The session came to its end, but some files did not.
  case someFilesFailed
  /// The receiver could not store the set: disk full, no permission.
  case couldNotStore
  /// The user of this side ended it.
  case endedByUser
  /// The other side would not have it, gave up on it, or its user ended it.
  case refused
  /// The sender went on without this receiver, which was too slow.
  case leftBehind
  case connectionLost
  case protocolViolation
  case versionMismatch
  /// No connection came about.
  case unreachable
  /// This side could not go on, for example because a file changed.
  case failed
}

/// How a set went to its receivers.
package struct StreamSendReport: Codable, Equatable, Sendable {
  /// 16 hexadecimal digits.
  package var sessionID: String
  /// Of the set.
  package var fileCount: Int
  /// Of the set, all files together.
  package var fileByteCount: UInt64
  /// From the first connection attempt to the last answer.
  package var seconds: Double
  /// One a destination, in their order.
  package var receivers: [StreamSendResult]

  package var isWhole: Bool { receivers.allSatisfy { $0.outcome == .whole } }
}

/// How a set went to one receiver.
package struct StreamSendResult: Codable, Equatable, Sendable {
  /// "HOST:PORT", as it was asked for.
  package var destination: String
  /// What the receiver calls itself, and its id (16 hexadecimal digits); nil when it never answered.
  package var receiverName: String?
  package var receiverID: String?
  package var outcome: TransferOutcome
  /// For people, when the outcome is not whole: what, where, what to do.
  package var message: String?
  /// What a receiver that is whole adds, as which of the files it had before.
  package var remark: String?
  /// As far as the receiver told.
  package var verifiedFileCount: Int
  package var failedFileCount: Int
  /// Bytes of files that the receiver has, as far as it told.
  package var fileByteCount: UInt64
  /// Of these, the ones that it had from earlier sessions, so that they were not sent.
  package var fileBytesLeftOut: UInt64
  /// From the receiver's welcome to its answer.
  package var seconds: Double
  /// What the bytes on the connection were, Specs/accounting.md §10; nil when it broke before its end: what
  /// was under way then nobody can tell.
  package var accounting: Account?

  /// Goodput, bytes of files a second; of those that were sent.
  package var bytesPerSecond: Double {
    seconds > 0 ? Double(fileByteCount - min(fileByteCount, fileBytesLeftOut)) / seconds : 0
  }
}

/// How a session ended at the receiver.
package struct StreamReceiveReport: Codable, Equatable, Sendable {
  /// Address and port of the sender.
  package var sender: String
  /// 16 hexadecimal digits.
  package var sessionID: String
  package var outcome: TransferOutcome
  /// For people, when the outcome is not whole: what, where, what to do.
  package var message: String?
  /// Of the set.
  package var fileCount: Int
  /// Of the set, all files together.
  package var fileByteCount: UInt64
  /// Bytes of files that arrived.
  package var receivedByteCount: UInt64
  /// Bytes of files that were here from earlier sessions, and that the sender left out.
  package var fileBytesHereBefore: UInt64
  /// Files that are verified and visible.
  package var verifiedFileCount: Int
  /// Files that were in the inbox before the session. Nothing new: these are all but the empty ones.
  package var filesHereBefore: Int
  package var hasNothingNew: Bool
  /// The set is not whole, and what is here stays for the next session of it.
  package var arePartsKept = false
  /// Files that arrived and were not kept. Files that never arrived whole are not listed: `fileCount` tells
  /// how many.
  package var failures: [FailedFile]
  /// From the sender's hello to the end.
  package var seconds: Double
  /// Connections that were turned away or broke the protocol before they became a session.
  package var rejectedConnectionCount: Int
  /// What the bytes on the connection were, Specs/accounting.md §10; nil when it broke before its end.
  package var accounting: Account?

  /// Goodput, bytes of files a second.
  package var bytesPerSecond: Double { seconds > 0 ? Double(receivedByteCount) / seconds : 0 }
}
