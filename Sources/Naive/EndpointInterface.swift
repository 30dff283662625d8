internal import Glibc
internal import NIOCore
internal import Network

/// Which interface a naive endpoint uses.
enum EndpointInterface {
  /// Keeps a channel's socket to one interface: `SO_BINDTOIFINDEX`.
  static let option = ChannelOptions.socketOption(.init(rawValue: InterfaceBinding.bindToIndexOption))

  /// The interface that an endpoint names, by name or address; nil when it names none.
  static func named(by endpoint: NaiveEndpoint) throws(NaiveError) -> NetworkInterface? {
    guard let name = endpoint.interface else { return nil }
    do { return try NetworkInterface.named(name) } catch { throw .address(error) }
  }

  /// What an opening that failed means, where a socket was to be kept to `interface`.
  static func error(_ error: any Error, _ interface: NetworkInterface?, action: String) -> NaiveError {
    if let interface, let error = error as? IOError, error.errnoCode == EPERM {
      return .address(.interfaceRefused(interface.name, errno: EPERM))
    }
    return .from(error, action: action)
  }
}
