import Glibc
import Ground
import NIOCore
import Testing
import Datagrams

/// The ECN field of datagrams on real sockets, RFC 3168.
@Suite struct MarksTests {
  private final class Listener: DatagramDriver {
    private let loop: DatagramLoop
    private let wantedCount: Int
    /// The field of each datagram, by its first byte.
    var fields: [UInt8: UInt8] = [:]

    init(_ loop: DatagramLoop, wantedCount: Int) {
      self.loop = loop
      self.wantedCount = wantedCount
    }

    func receive(_ arrival: Arrival) {
      arrival.eachDatagram { fields[$0[0]] = arrival.congestionField }
      #expect(arrival.isMarked == (arrival.congestionField == 3))
    }
    func readComplete() { if fields.count >= wantedCount { loop.close() } }
    func pump() {}
    func wasAway(_ nanoseconds: Nanoseconds) {}
  }

  /// Sends with each kind of field, and returns what was heard.
  private static func heard(at bound: String, by address: String, trains: Bool) throws -> [UInt8: UInt8] {
    let socket = try UDPSocket(at: SocketAddress(ipAddress: bound, port: 0), sharesPort: false)
    if trains { socket.enableReceiveOffload() }
    socket.tellMarks()
    #expect(socket.tellsMarks)
    socket.tellDestinations(true)
    let port = try #require(socket.localAddress?.port)
    let (to, isIPv6) = (try SocketAddress(ipAddress: address, port: port), address.contains(":"))
    let from = try UDPSocket(
      at: SocketAddress(ipAddress: isIPv6 ? "::" : "0.0.0.0", port: 0), sharesPort: false)
    let writer = DatagramWriter(from)
    func send(_ number: UInt8) {
      // A train, where trains are wanted.
      let bytes = [UInt8](repeating: number, count: trains ? 3_000 : 1_000)
      writer.write(ByteBuffer(bytes: bytes), segmentByteCount: 1_000, to: to)
    }
    send(0)
    from.allowMarks(true)
    send(1)
    // What a router does.
    var marked: Int32 = 3
    let (level, option) = isIPv6 ? (Int32(IPPROTO_IPV6), Int32(67)) : (Int32(IPPROTO_IP), Int32(1))
    #expect(setsockopt(from.descriptor, level, option, &marked, 4) == 0)
    send(2)
    from.allowMarks(false)
    send(3)
    let loop = try DatagramLoop(socket: socket)
    loop.schedule(after: .seconds(60)) { [weak loop] in loop?.close() }
    let listener = Listener(loop, wantedCount: 4)
    loop.run(listener) {}
    return listener.fields
  }

  @Test(
    arguments: [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "::1"), ("::", "127.0.0.1")],
    [true, false])
  func theFieldIsTold(ends: (String, String), trains: Bool) throws {
    let heard = try Self.heard(at: ends.0, by: ends.1, trains: trains)
    #expect(heard == [0: 0, 1: 2, 2: 3, 3: 0])
  }

  /// Who does not ask is not told.
  @Test func withoutAskingItIsZero() throws {
    let socket = try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false)
    let from = try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false)
    from.allowMarks(true)
    from.send([7], to: try #require(socket.localAddress))
    let loop = try DatagramLoop(socket: socket)
    loop.schedule(after: .seconds(60)) { [weak loop] in loop?.close() }
    let listener = Listener(loop, wantedCount: 1)
    loop.run(listener) {}
    #expect(listener.fields == [7: 0])
    #expect(!socket.tellsMarks)
  }
}
