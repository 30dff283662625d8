/// What happens in a transfer.
public enum TransferUpdate<Report: Sendable>: Sendable {
  /// The receiver listens there: from now on it receives what is sent to it.
  case listening(address: String, port: Int)
  /// The receiver's session began.
  case began(fileCount: Int, byteCount: UInt64)
  /// A receiver has joined the sender's session. The name is what the receiver calls itself.
  case joined(name: String, address: String)
  /// A receiver of the sender's session was given up, or has ended the session itself.
  case lost(name: String, address: String, reason: String)
  /// About ten times a second.
  case progress(TransferState)
  /// A file is verified, and lies at this path.
  case received(ReceivedFile)
  /// One line for people.
  case notice(String)
  /// The last update: what became of the transfer.
  case finished(Report)
}

/// How far a transfer is.
public struct TransferState: Equatable, Sendable {
  /// Bytes of files that were sent, or received and stored.
  public var bytesDone: UInt64
  /// Bytes of all files.
  public var bytesTotal: UInt64
  /// Bytes of files a second, over the last second or so.
  public var bytesPerSecond: Double
  /// The part of the datagrams that were lost, in [0, 1]; nil where it is not known, as in TCP.
  public var lossFraction: Double?

  /// The part that is done, in [0, 1].
  public var fraction: Double { bytesTotal == 0 ? 1 : Double(bytesDone) / Double(bytesTotal) }
}

/// A file that is verified and in its place.
public struct ReceivedFile: Equatable, Sendable {
  /// Its name in the set: a relative path.
  public var name: String
  /// Where it is.
  public var path: String
  /// Its size.
  public var byteCount: UInt64
}

/// What a sender did.
public struct SendReport: Equatable, Sendable {
  /// What became of one receiver.
  public struct Receiver: Equatable, Sendable {
    /// What the receiver calls itself, and its address in parentheses; the address alone when it has not
    /// answered.
    public var name: String
    /// The files that it has verified, as far as it has told.
    public var verifiedFileCount: Int
    /// Why it has not every file, in one line; nil when it has.
    public var failure: String?

    /// It has verified every file, and said so.
    public var isWhole: Bool { failure == nil }
  }

  /// Files of the set.
  public var fileCount: Int
  /// Bytes of all files.
  public var byteCount: UInt64
  /// From the first chunk to the last receiver's answer.
  public var seconds: Double
  /// All that have joined, and over TCP all hosts of the request.
  public var receivers: [Receiver]

  /// There are receivers, and each of them has verified every file.
  public var isWhole: Bool { !receivers.isEmpty && receivers.allSatisfy(\.isWhole) }
}

/// What a receiver did.
public struct ReceiveReport: Equatable, Sendable {
  /// A file that was not kept.
  public struct Failure: Equatable, Sendable {
    /// The file's name in the set.
    public var name: String
    /// One line.
    public var reason: String
  }

  /// The sender's address and port.
  public var sender: String
  /// Files of the set.
  public var fileCount: Int
  /// Bytes of all files.
  public var byteCount: UInt64
  /// Files that are verified and in their places.
  public var verifiedFileCount: Int
  /// Files that have arrived and were not kept.
  public var failures: [Failure]
  /// Of a signed set: segments of 128 KiB that were not as the sender has signed them, each time; they were
  /// received again.
  public var wrongSegmentCount: UInt64
  /// From the session's begin to its end.
  public var seconds: Double
  /// Why not every file is here, in one line; nil when every file is verified and in its place.
  public var problem: String?

  /// Every file is verified and in its place.
  public var isWhole: Bool { problem == nil }
}

/// Why a transfer could not begin, or could not go on. `description` is one line: what, where, what to do.
public struct TransferFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds that a program may treat in different ways.
  public enum Kind: Equatable, Sendable {
    /// A file or a folder cannot be read or written.
    case files
    /// No receiver has answered, or no sender has come, in time.
    case nobodyThere
    /// The other side has another code, or none.
    case otherCode
    /// The other side has ended the session, or the connection was lost.
    case interrupted
    /// The request is not possible, as a group in unicast.
    case badRequest
    /// An address, a port or an interface cannot be used.
    case network
  }

  /// What kind of failure it is.
  public let kind: Kind
  public let description: String
}
