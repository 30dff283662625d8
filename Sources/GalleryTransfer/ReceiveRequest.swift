/// Where files come from, and where they go.
public struct ReceiveRequest: Sendable {
  /// Where the files come from.
  public enum Source: Equatable, Sendable {
    /// Unicast, multicast, broadcast and TCP at once, found by `gallery send FOLDER` without an address.
    /// `room`: only senders of the room with this name, 1 to 64 bytes; nil: of the common one.
    case any(room: String? = nil)
    /// Over UDP, to this host alone.
    case unicast
    /// Over UDP, to a group.
    case multicast(group: String)
    /// Over UDP, to all hosts of a link.
    case broadcast
    /// Over TCP alone.
    case tcp
  }

  /// The folder. It is made when it does not exist.
  public var folder: String
  /// Where the files come from.
  public var source: Source
  /// 0 to 65,535; 0: any that is free.
  public var port = 25_000
  /// Name or address of the network interface to listen on; nil: all.
  public var interface: String?
  /// What senders call this receiver; nil: the host's name.
  public var name: String?
  /// Whether a file of the same name is replaced. Otherwise the new file gets a number in its name.
  public var overwrites = false
  /// How long to wait for a sender; nil: for ever.
  public var wait: Duration?
  /// The sender's six words; nil: no encryption.
  public var code: String?
  /// A file with the public keys of senders: only sets that one of them has signed are taken, and no file is
  /// kept that is not as it was signed. Over UDP alone, so that `.any()` listens to UDP; nil: everybody.
  public var trust: String?

  /// Receives into `folder`; `start()` begins.
  public init(into folder: String, from source: Source = .any()) {
    self.folder = folder
    self.source = source
  }
}
