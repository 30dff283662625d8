import NIOCore
import Network
import Testing

@Suite struct RouteTests {
  @Test func loopbackIsFoundWithItsMtu() throws {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: 25_000)
    let route = try Route.to(address)
    #expect(route.interface?.name == "lo")
    #expect(route.datagramByteCount > 1_472)
    #expect(route.source.ipAddress == "127.0.0.1")
    #expect(Route.mtuByteCount(to: address) == route.mtuByteCount)
  }

  @Test func addressesComeFromNumbersAndNames() throws {
    #expect(try HostResolver.addresses(host: "127.0.0.1", port: 7).map(\.text) == ["127.0.0.1:7"])
    #expect(try HostResolver.addresses(host: "::1", port: 7).map(\.text) == ["[::1]:7"])
    #expect(throws: NetworkError.self) { try HostResolver.addresses(host: "no-such-host.invalid", port: 7) }
  }

  @Test func interfacesAreFoundByNameAndAddress() throws {
    #expect(try NetworkInterface.named("lo") == NetworkInterface.named("127.0.0.1"))
    #expect(throws: NetworkError.self) { try NetworkInterface.named("eth999") }
  }
}
