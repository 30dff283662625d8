import NIOCore
import Network
import Transport

/// Names of `--to` that no resolver knows. Receivers on the link may have them, and answer an invitation.
///
/// The resolver is asked first: a name that it knows is never given to a host that merely calls itself so.
enum UnknownNames {
  static func all(_ sessions: [UDPSendOptions]) -> Bool { sessions.allSatisfy { isUnknown($0.host) } }

  private static func isUnknown(_ host: String) -> Bool {
    guard (try? SocketAddress(ipAddress: host, port: 0)) == nil else { return false }
    do throws(NetworkError) {
      _ = try HostResolver.addresses(host: host, port: 0)
      return false
    } catch {
      if case .hostUnknown = error { return true }
      return false
    }
  }
}
