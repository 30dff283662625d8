/// What is sent, and to whom.
public struct SendRequest: Sendable {
  /// Where the receivers are. A host is a name or an address; a port is 1 to 65,535.
  public enum Destination: Equatable, Sendable {
    /// One receiver, over UDP.
    case unicast(host: String)
    /// The members of a group, over UDP, by one copy for all. `receivers`: how many to wait for; nil: those
    /// that join within the wait.
    case multicast(group: String, receivers: Int? = nil)
    /// All receivers of a link, over UDP, by one copy for all. `receivers`: as in multicast.
    case broadcast(address: String = "255.255.255.255", receivers: Int? = nil)
    /// Several receivers, over TCP, with one copy for each.
    case tcp(hosts: [String])
  }

  /// Files and folders. The names of a folder's files are relative to it.
  public var paths: [String]
  /// Where the receivers are.
  public var destination: Destination
  /// The receivers' port.
  public var port = 25_000
  /// Name or address of the network interface to send from; nil: the route's.
  public var interface: String?
  /// Only files whose name says that they are JPEG images.
  public var isOnlyJPEG = false
  /// Also the folders in the folders.
  public var isRecursive = true
  /// How long to wait for receivers; nil: 10 s in unicast and TCP, 5 s in a group, 60 s in a group with a
  /// number of receivers.
  public var wait: Duration?
  /// The most bits of UDP payload a second; nil: what the path carries. TCP finds its own rate.
  public var rateLimit: Double?
  /// Six words, as `newCode()` makes them. Receivers need the same, and nobody else can read the files; nil:
  /// no encryption.
  public var code: String?
  /// The file of a signing key, as `newSigningKey(at:)` makes it: receivers that trust the key take nothing
  /// that another has made or changed. Over UDP alone; all files are read before the first is sent. nil: no
  /// signature.
  public var sign: String?

  /// Sends these files and folders; `start()` begins.
  public init(_ paths: [String], to destination: Destination) {
    self.paths = paths
    self.destination = destination
  }
}
