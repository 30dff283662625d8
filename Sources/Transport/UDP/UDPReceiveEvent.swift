package import FileSet
package import NIOCore
package import Wire

/// What a receiver's driver tells its owner.
package enum UDPReceiveEvent {
  case began(Announce, sessionID: UInt64, from: SocketAddress)
  case file(ReceivedEvent)
  /// An announced set was not taken.
  case refused(from: SocketAddress, FileSetError)
  /// The disk is full, for this reason, and lacks this much; nil: it has room again.
  case storage(FileSetError?, missingKibibytes: UInt32)
  /// A sender of another protocol or version is heard, while no session has begun.
  case stranger(String)
}
