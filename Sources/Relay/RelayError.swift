import Ground
package import Network
package import Trace

/// Why a relay cannot work. `description` is one line: what, where, what to do.
package enum RelayError: Error, Sendable {
  case portInUse(address: String)
  case cannotListen(address: String, errno: Int32)
  case network(NetworkError)
  case trace(TraceError)
}

extension RelayError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .portInUse(let address):
      "\(address) is in use; end the program that has it (ss -uap shows it), or choose another --listen"
    case .cannotListen(let address, let errno):
      "cannot listen at \(address): \(String(errnoCode: errno)); --listen takes an address of this host"
    case .network(let error): error.description
    case .trace(let error): error.description
    }
  }
}
