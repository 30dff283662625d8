import Glibc
import NIOCore
import Network
import Testing

/// Keeping sockets and routes to one interface. What leaves by which interface is seen in
/// Tests/lab/interfaces.sh.
@Suite struct InterfaceTests {
  private let loopback = try? NetworkInterface.named("lo")

  @Test func interfacesAreFoundByNumber() throws {
    let loopback = try #require(loopback)
    #expect(NetworkInterface.numbered(loopback.index) == loopback)
    #expect(NetworkInterface.numbered(999_999) == nil)
    #expect(NetworkInterface.numbered(-1) == nil)
  }

  @Test(arguments: ["127.0.0.1", "127.255.255.255", "239.71.71.7"])
  func aRouteOfANamedInterfaceIsItsOwn(_ address: String) throws {
    let loopback = try #require(loopback)
    let route = try Route.to(
      try SocketAddress(ipAddress: address, port: 9), interface: loopback)
    #expect(route.interface?.name == "lo")
    // To a group the kernel sends by the loopback from another address of this host, where it has one.
    #expect(route.source.ipAddress == "127.0.0.1" || address.hasPrefix("239."))
  }

  @Test(arguments: [AF_INET, AF_INET6])
  func aSocketIsKeptToItsInterface(_ family: Int32) throws {
    let loopback = try #require(loopback)
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try InterfaceBinding.setSending(DescriptorSocket(descriptor), isIPv6: family == AF_INET6, by: loopback)
    try InterfaceBinding.bind(DescriptorSocket(descriptor), to: loopback)
    var index: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    #expect(getsockopt(descriptor, SOL_SOCKET, InterfaceBinding.bindToIndexOption, &index, &length) == 0)
    #expect(Int(index) == loopback.index)
  }

  @Test func anErrorNamesTheInterface() {
    let error = NetworkError.noRoute(to: "10.1.1.1:9", by: "eth7", errno: ENETUNREACH)
    #expect(error.description.contains("by interface eth7"))
    #expect(NetworkError.noRoute(to: "224.1.1.5", by: nil, errno: ENODEV).description.contains("--interface"))
  }
}
