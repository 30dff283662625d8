/// A file of a set that is held in memory.
public struct SessionFile: Equatable, Sendable {
  /// A relative path of UTF-8, 1 to 4,096 bytes long. Its components are separated by "/". None of them is
  /// empty, "." or "..".
  public var name: String
  /// All bytes of the file; below 2^63 of them in a set.
  public var bytes: [UInt8]

  /// A name that is not possible is found when a session begins.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Why a session cannot begin. `description` is one line: what is wrong, and where.
public struct SessionError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String
}

/// The datagrams that one side has sent. Each is in exactly one of the counts.
public struct SessionCounts: Equatable, Sendable {
  /// Chunks that were sent for the first time. 0 at a receiver.
  public var first = 0
  /// Chunks that were sent again because a receiver asked for them. 0 at a receiver.
  public var repair = 0
  /// All other messages.
  public var control = 0
}
