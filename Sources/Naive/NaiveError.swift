internal import Glibc
internal import NIOCore
package import Network

/// Why a naive sender or receiver failed. Each description is one line: what, where, what to do.
package enum NaiveError: Error, Equatable, CustomStringConvertible {
  /// What the caller asked for contradicts itself.
  case invalidConfiguration(String)
  /// There is nothing to send.
  case noImages
  /// These cannot be sent by this protocol; nothing was sent.
  case unsendable([RefusedImage])
  /// A file could not be read; `errno` of the call.
  case cannotRead(path: String, errno: Int32)
  /// A file's size changed between the check and the sending.
  case changedWhileSent(path: String)
  /// A received image could not be stored; `errno` of the call.
  case cannotStore(path: String, errno: Int32)
  /// Storing would overwrite this.
  case inboxOccupied(path: String)
  /// No address for this host, or no interface of this name.
  case address(NetworkError)
  /// The address does not fit the mode.
  case unsuitableAddress(String)
  /// A receiver got no image within its wait.
  case nobodySending(address: String, nanoseconds: UInt64)
  /// A socket call failed: the action that was tried, the reason, and `errno` (0 when there is none).
  case network(action: String, reason: String, errno: Int32)

  package var description: String {
    switch self {
    case .invalidConfiguration(let problem): return problem
    case .noImages: return "no images to send: name a directory that holds some"
    case .unsendable(let images): return Self.describe(images)
    case .cannotRead(let path, let code): return "cannot read \(path): \(errorText(code))"
    case .changedWhileSent(let path):
      return "\(path) changed its size while it was sent: send again when nothing writes to it"
    case .cannotStore(let path, let code): return "cannot store \(path): \(errorText(code))"
    case .inboxOccupied(let path):
      return
        "\(path) is there already: name an empty folder with --into, or replace what is there with --overwrite"
    case .address(let error): return error.description
    case .unsuitableAddress(let problem): return problem
    case .nobodySending(let address, let wait):
      return
        "no sender came to \(address) within \(secondsText(wait)); check its --to, --port, --mode and --protocol"
    case .network(let action, let reason, let code):
      return "\(action): \(reason)\(Self.advice(errno: code))"
    }
  }

  private static func describe(_ images: [RefusedImage]) -> String {
    let shown = images.prefix(8).map(\.description).joined(separator: ", ")
    let rest = images.count > 8 ? " and \(images.count - 8) more" : ""
    return "nothing was sent: the naive protocol cannot carry \(shown)\(rest); use the chunked protocol"
  }

  /// The advice for frequent errors.
  private static func advice(errno code: Int32) -> String {
    switch code {
    case ECONNREFUSED: "; nobody listens there: start the receiver first"
    case EADDRINUSE: "; another program has this port: end it or choose another port"
    case EADDRNOTAVAIL: "; this host does not have that address: bind one of its own"
    case EACCES: "; a broadcast address needs the broadcast mode, and a port below 1024 needs root"
    case ENETUNREACH, EHOSTUNREACH: "; check the address, or name an interface with --interface"
    case ENODEV: "; no route to this group: name an interface with --interface"
    case EMSGSIZE: "; the datagram is too large for this path: use the chunked protocol"
    default: ""
    }
  }

  /// Turns an error that NIO threw during `action` into one of ours. Our own errors pass unchanged.
  static func from(_ error: any Error, action: String) -> NaiveError {
    if let error = error as? NaiveError { return error }
    if let error = error as? IOError {
      return .network(action: action, reason: errorText(error.errnoCode), errno: error.errnoCode)
    }
    if let error = error as? ChannelError, case .connectTimeout = error {
      return .network(action: action, reason: "no answer in time", errno: ETIMEDOUT)
    }
    return .network(action: action, reason: String(describing: error), errno: 0)
  }
}

/// The system's words for `code`.
func errorText(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
