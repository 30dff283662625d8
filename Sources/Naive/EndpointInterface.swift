internal import NIOCore
internal import Network

/// Which interface a naive endpoint's group uses.
enum MulticastOptions {
  /// The interface an endpoint names, by name, address or IPv6 zone; 0 leaves it to the routing table.
  static func interfaceIndex(of endpoint: NaiveEndpoint, group: SocketAddress) throws(NaiveError) -> Int {
    guard let name = endpoint.interface else { return group.scopeIndex }
    do { return try NetworkInterface.named(name).index } catch { throw .address(error) }
  }

  /// Makes `channel` send its datagrams to groups out of this interface.
  static func setSending(
    _ channel: any Channel, endpoint: NaiveEndpoint, group: SocketAddress, interfaceIndex: Int
  ) throws {
    try GroupOptions.setSending(
      ChannelSocket(channel), isIPv6: group.isIPv6, interfaceIndex: interfaceIndex,
      hopCount: endpoint.timeToLive,
      loopsBack: endpoint.isLoopbackEnabled)
  }
}
