package import FileSet
import Ground
import Network
package import Relay

/// Why the check itself cannot work. `description` is one line: what, where, what to do.
package enum CheckError: Error, Sendable {
  case cannotStart(program: String, errno: Int32)
  case cannotWrite(path: String, reason: String)
  case noPort(errno: Int32)
  case relay(RelayError)
  case files(FileSetError)
  case cancelled
}

extension CheckError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotStart(let program, let errno):
      "cannot start \(program): \(String(errnoCode: errno))"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .noPort(let errno): "no free UDP port on 127.0.0.1: \(String(errnoCode: errno))"
    case .relay(let error): error.description
    case .files(let error): "\(error)"
    case .cancelled: "ended by the user"
    }
  }
}
