package import FileSet
package import Keys
package import Network
package import Trace
package import Wire

/// A file that did not arrive, and why, as people read it.
package struct FailedFile: Codable, Equatable, Sendable {
  package var name: String
  package var reason: String
  /// Its bytes are here but are not the sender's: verification failed.
  package var isDamaged: Bool

  package init(name: String, reason: String, isDamaged: Bool = false) {
    self.name = name
    self.reason = reason
    self.isDamaged = isDamaged
  }

  init(name: String, _ error: FileSetError) {
    let isDamaged = if case .checksumMismatch = error { true } else { false }
    self.init(name: name, reason: error.description, isDamaged: isDamaged)
  }
}

/// Why a transfer could not begin or go on. `description` is one line: what, where, what to do.
package enum TransportError: Error, Equatable, Sendable {
  /// No receiver answered at this address in time; "HOST:PORT".
  case nobodyListening(address: String, seconds: Double)
  /// No receiver that is free answered an invitation; `busyCount`: those that answered and have another
  /// session.
  case nobodyFound(room: String?, busyCount: Int, seconds: Double)
  /// The same, of a session with a code or a key: a receiver may be there that has another one, or none.
  case nobodyHasKey(address: String, seconds: Double)
  /// Only senders with another code or key came in time to the receiver at this address.
  case otherSecret(address: String, seconds: Double)
  /// Only senders with a code or key came in time to the receiver at this address, which has none.
  case needsKey(address: String, seconds: Double)
  /// Only senders came in time to the receiver at this address whose signature it does not trust.
  case nobodyTrusted(address: String, seconds: Double)
  /// The other side of a connection has another code or key, none, or one where this side has none.
  case keyMismatch(peer: String, text: String)
  /// A code or a key cannot be used.
  case key(KeyError)
  /// No sender came in time to the receiver at this address.
  case nobodySending(address: String, seconds: Double)
  case portInUse(address: String)
  case hostUnknown(host: String, reason: String)
  /// A name's address is not of the kind that the mode sends to: a group or a broadcast address in unicast,
  /// or the reverse.
  case wrongKind(address: String, isGroup: Bool, mode: String)
  /// The path does not carry IP packets of this size. `carriedByteCount`: what it carries, where this host
  /// knows it; `isFixed`: the size is the user's.
  case pathTooNarrow(address: String, byteCount: Int, carriedByteCount: Int?, isFixed: Bool)
  /// No such interface, no route.
  case network(NetworkError)
  /// The connection broke, or the other side fell silent.
  case connectionLost(peer: String, reason: String)
  /// The other side ended the session by an abort.
  case peerRefused(reason: AbortReason, text: String)
  /// The other side sent what the protocol does not allow.
  case protocolViolation(peer: String, text: String)
  case fileSet(FileSetError)
  /// A trace or a capture that was asked for cannot be written.
  case trace(TraceError)
  /// The receiver's disk was full for an hour in all.
  case diskStayedFull(peer: String)
  /// This receiver has another session.
  case busy
  /// The receiver at this address has another session.
  case receiverBusy(address: String)
  /// --drop or --impair of this side took all `count` datagrams, those that went out or those that came in,
  /// so that nobody could be heard.
  case allDropped(count: UInt64, isOutgoing: Bool, isSender: Bool)
  /// A person ended it on this side.
  case cancelled
  case versionMismatch(theirs: UInt8)
  /// A system call failed; `doing` says what was tried and where, as in "cannot listen at 0.0.0.0:25000".
  case system(errno: Int32, doing: String)
}

extension TransportError {
  /// What kept an address, an interface or a route from being used.
  init(_ error: NetworkError) {
    if case .hostUnknown(let host, let reason) = error {
      self = .hostUnknown(host: host, reason: reason)
    } else {
      self = .network(error)
    }
  }
}
