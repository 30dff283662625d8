/// Why an address, interface or route could not be used. One line each: what, where, what to do.
package enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  case hostUnknown(host: String, reason: String)
  case noSuchInterface(String, available: [String])
  /// `by`: the name of the interface that was asked for.
  case noRoute(to: String, by: String?, errno: Int32)
  /// The kernel does not let this process restrict the socket to the interface.
  case interfaceRefused(String, errno: Int32)

  package var description: String {
    switch self {
    case .hostUnknown(let host, let reason):
      "no address for host “\(host)” (\(reason)): check the spelling, or give the address itself"
    case .noSuchInterface(let name, let available):
      "no network interface “\(name)”: there are \(available.joined(separator: ", ")); give a name or an address of one"
    case .noRoute(let address, nil, let code):
      "no route to \(address) (\(String(errnoCode: code))): name an interface with --interface, or repair the route"
    case .noRoute(let address, let name?, let code):
      "no route to \(address) by interface \(name) (\(String(errnoCode: code))): name another one with --interface, or repair the route"
    case .interfaceRefused(let name, let code):
      "cannot use interface \(name) (\(String(errnoCode: code))): before Linux 5.7 this needs root; leave out --interface, or run as root"
    }
  }
}
