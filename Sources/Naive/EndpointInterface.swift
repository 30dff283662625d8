internal import Glibc
internal import NIOCore
internal import Network

/// Which interface a naive endpoint uses.
enum EndpointInterface {
  /// Keeps a channel's socket to one interface: `SO_BINDTOIFINDEX`.
  static let option = ChannelOptions.socketOption(.init(rawValue: InterfaceBinding.bindToIndexOption))

  /// The interface of an endpoint, by name or address; nil when the endpoint has none.
  static func named(by endpoint: NaiveEndpoint) throws(NaiveError) -> NetworkInterface? {
    guard let name = endpoint.interface else { return nil }
    do { return try NetworkInterface.named(name) } catch { throw .address(error) }
  }

  /// The error of a failed opening of a socket that was to be restricted to `interface`.
  static func error(_ error: any Error, _ interface: NetworkInterface?, action: String) -> NaiveError {
    if let interface, let error = error as? IOError, error.errnoCode == EPERM {
      return .address(.interfaceRefused(interface.name, errno: EPERM))
    }
    return .from(error, action: action)
  }
}
