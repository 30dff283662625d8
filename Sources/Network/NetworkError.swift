/// Why an address, interface or route could not be used. One line each: what, where, what to do.
package enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  case hostUnknown(host: String, reason: String)
  case noSuchInterface(String, available: [String])
  case noRoute(to: String, errno: Int32)

  package var description: String {
    switch self {
    case .hostUnknown(let host, let reason):
      "no address for host “\(host)” (\(reason)): check the spelling, or give the address itself"
    case .noSuchInterface(let name, let available):
      "no network interface “\(name)”: there are \(available.joined(separator: ", ")); give a name or an address of one"
    case .noRoute(let address, let code):
      "no route to \(address) (\(String(errnoCode: code))): name an interface with --interface, or mend the route"
    }
  }
}
