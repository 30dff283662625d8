import Glibc
import Ground
import Impairment
import NIOCore
import Network
import Relay
import Runs
import TestSupport
import Testing
import Wire

/// A relay between real sockets on loopback.
@Suite struct UDPRelayTests {
  /// A socket of a test: a client or the target.
  private final class Peer: Sendable {
    let descriptor: Int32
    let address: SocketAddress

    /// `host`: another address of this machine is another client.
    init(host: String = "127.0.0.1") throws {
      descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
      // Longer than any wait of a test: what does not come is a failure and no hang.
      var patience = timeval(tv_sec: 60, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      let descriptor = descriptor
      let any = try SocketAddress(ipAddress: host, port: 0)
      try #require(any.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
      let port = try #require(LoopbackName.port(of: descriptor))
      address = try SocketAddress(ipAddress: host, port: port)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8], to address: SocketAddress) {
      let count = address.withSockAddr { sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t($1)) }
      #expect(count == bytes.count)
    }

    /// Waits for a datagram.
    func receive() throws -> (bytes: [UInt8], sender: SocketAddress) {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      return try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { name in
        var nameByteCount = socklen_t(name.count)
        let base = try #require(name.baseAddress)
        let count = recvfrom(
          descriptor, &bytes, bytes.count, 0, base.assumingMemoryBound(to: sockaddr.self), &nameByteCount)
        try #require(count >= 0, "nothing came in a minute")
        let sender = try #require(SocketAddress(kernelForm: UnsafeRawBufferPointer(name)))
        return (Array(bytes[..<count]), sender)
      }
    }
  }

  /// Runs a relay to `target` while `body` runs, which gets the relay's address. `out` and `incoming`: of the
  /// first client; the others lose nothing.
  private static func relay(
    to target: SocketAddress, out: String = "none", in incoming: String = "none", seed: UInt64 = 1,
    _ body: (SocketAddress) throws -> Void
  ) async throws -> RelayReport {
    let path = ImpairedRoundTrip(
      forward: try Impairment(parsing: out), backward: try Impairment(parsing: incoming))
    let listen = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    let relay = try UDPRelay(
      RelayOptions(listen: listen, target: target, seed: seed) { client in
        client == 0 ? path : ImpairedRoundTrip(forward: .none, backward: .none)
      })
    let (addresses, listening) = AsyncStream.makeStream(of: SocketAddress.self)
    let run = onThread {
      defer { listening.finish() }
      return try relay.run { listening.yield($0) }
    }
    defer { relay.cancel() }
    for await address in addresses.prefix(1) { try body(address) }
    relay.cancel()
    let report = try await run.value.get()
    for client in report.clients { #expect(client.toTarget.isBalanced && client.toClient.isBalanced) }
    return report
  }

  private static func numbered(_ number: Int, byteCount: Int = 100) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 7, count: byteCount - 2)
  }

  @Test func handsOnBothWays() async throws {
    let (client, target) = (try Peer(), try Peer())
    let report = try await Self.relay(to: target.address) { relay in
      client.send([1, 2, 3], to: relay)
      let (bytes, sender) = try target.receive()
      #expect(bytes == [1, 2, 3] && sender != client.address)
      target.send([4, 5], to: sender)
      let answer = try client.receive()
      #expect(answer.bytes == [4, 5] && answer.sender == relay)
      client.send([], to: relay)
      #expect(try target.receive().bytes == [])
    }
    #expect(report.clients.map(\.address) == ["127.0.0.1"])
    #expect(report.clients[0].toTarget.arrived == 2 && report.clients[0].toTarget.delivered == 2)
    #expect(report.clients[0].toClient.delivered == 1)
  }

  /// Each port has a socket of its own towards the target, and the answers find their way.
  @Test(arguments: [("127.0.0.1", 1), ("127.0.0.2", 2)])
  func portsAreToldApart(host: String, clientCount: Int) async throws {
    let (one, two, target) = (try Peer(), try Peer(host: host), try Peer())
    let report = try await Self.relay(to: target.address) { relay in
      one.send([1], to: relay)
      let first = try target.receive()
      two.send([2], to: relay)
      let second = try target.receive()
      #expect(first.bytes == [1] && second.bytes == [2] && first.sender != second.sender)
      target.send([20], to: second.sender)
      target.send([10], to: first.sender)
      #expect(try one.receive().bytes == [10])
      #expect(try two.receive().bytes == [20])
    }
    #expect(report.clients.count == clientCount)
  }

  /// The sender of the course has a new port for each image.
  @Test func aHostIsCountedWhateverItsPort() async throws {
    let target = try Peer()
    let senders = try (0..<300).map { _ in try Peer() }
    let report = try await Self.relay(to: target.address, out: "drop 3,299") { relay in
      for (number, sender) in senders.enumerated() { sender.send(Self.numbered(number), to: relay) }
      senders[0].send([], to: relay)
      var arrived: [[UInt8]] = []
      while case let bytes = try target.receive().bytes, !bytes.isEmpty { arrived.append(bytes) }
      #expect(Self.numbers(arrived) == (0..<299).filter { $0 != 3 })
    }
    #expect(report.clients.count == 1 && report.clients[0].toTarget.listed == 2)
  }

  /// A stranger that guesses the relay's port towards the target is not the target.
  @Test func onlyTheTargetAnswers() async throws {
    let (client, target, stranger) = (try Peer(), try Peer(), try Peer())
    let report = try await Self.relay(to: target.address) { relay in
      client.send([1], to: relay)
      let sender = try target.receive().sender
      stranger.send([66], to: sender)
      target.send([2], to: sender)
      #expect(try client.receive().bytes == [2])
    }
    #expect(report.clients[0].toClient.arrived == 1)
  }

  /// Sends `count` datagrams and returns those that reach the target.
  private static func arrivals(
    _ impairment: String, count: Int, byteCount: Int = 100, seed: UInt64 = 1
  ) async throws -> (datagrams: [[UInt8]], report: RelayReport) {
    let (client, marker, target) = (try Peer(), try Peer(host: "127.0.0.2"), try Peer())
    var arrived: [[UInt8]] = []
    let report = try await relay(to: target.address, out: impairment, seed: seed) { relay in
      for number in 0..<count { client.send(numbered(number, byteCount: byteCount), to: relay) }
      // The relay reads in order: behind this one, which nothing happens to, nothing else comes.
      marker.send([], to: relay)
      while case let bytes = try target.receive().bytes, !bytes.isEmpty { arrived.append(bytes) }
    }
    return (arrived, report)
  }

  private static func numbers(_ datagrams: [[UInt8]]) -> [Int] {
    datagrams.map { Int($0[0]) << 8 | Int($0[1]) }
  }

  /// Datagrams of no protocol of ours are counted, and lost packet by packet: as a naive receiver's `--drop`
  /// loses them, and each time alike.
  @Test(arguments: [(100, 1 as UInt64), (100, 2), (30_000, 1)])
  func lossesAreThoseOfARunWithoutARelay(byteCount: Int, seed: UInt64) async throws {
    let decision = FragmentLoss.decision(lossFraction: 0.2, seed: seed)
    let expected = (0..<60).filter { decision?(UInt64($0), byteCount) == false }
    for _ in 0..<2 {
      let (datagrams, report) = try await Self.arrivals("20%", count: 60, byteCount: byteCount, seed: seed)
      #expect(Self.numbers(datagrams) == expected)
      #expect(report.clients[0].toTarget.lost == UInt64(60 - expected.count))
    }
  }

  @Test func datagramsAreDroppedByNumber() async throws {
    let (datagrams, report) = try await Self.arrivals("drop 3,5-7", count: 10)
    #expect(Self.numbers(datagrams) == [0, 1, 2, 4, 8, 9] && report.clients[0].toTarget.listed == 4)
  }

  @Test func damageIsOneBitAndDoublesAreEqual() async throws {
    let (datagrams, report) = try await Self.arrivals("corrupt:100%; dup:100%", count: 5)
    #expect(datagrams.count == 10 && report.clients[0].toTarget.duplicated == 5)
    for (index, datagram) in datagrams.enumerated() {
      let sent = Self.numbered(index / 2)
      let flipped = zip(datagram, sent).map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +)
      #expect(datagram.count == sent.count && flipped == 1)
    }
  }

  @Test func whatIsTruncatedIsThePartBeforeTheCut() async throws {
    let (datagrams, report) = try await Self.arrivals("truncate:100%", count: 20)
    #expect(datagrams.count == 20 && report.clients[0].toTarget.truncated == 20)
    for (number, datagram) in datagrams.enumerated() {
      let sent = Self.numbered(number)
      #expect((1..<sent.count).contains(datagram.count) && sent.starts(with: datagram))
    }
  }

  /// The first is held back, and the second overtakes it.
  @Test func whatIsDelayedComesInItsTurn() async throws {
    let (client, target) = (try Peer(), try Peer())
    let report = try await Self.relay(to: target.address, out: "delay:20ms; jitter:5ms") { relay in
      for number in 0..<20 { client.send(Self.numbered(number), to: relay) }
      let arrived = try (0..<20).map { _ in try target.receive().bytes }
      #expect(Self.numbers(arrived) == Array(0..<20))
    }
    #expect(report.clients[0].toTarget.stillDelayed == 0)
  }

  /// Those of the chunked protocol have their own numbers and types.
  @Test func aTypeIsDroppedByName() async throws {
    let (client, marker, target) = (try Peer(), try Peer(host: "127.0.0.2"), try Peer())
    let join = { (number: UInt32) in
      ControlMessage.close(Close(receiverIDs: [1])).encode(sessionID: 1, packetNumber: number)
    }
    let report = try await Self.relay(to: target.address, out: "drop:close#2,9") { relay in
      for number in [4, 5, 9, 11] as [UInt32] { client.send(join(number), to: relay) }
      marker.send([], to: relay)
      var arrived: [[UInt8]] = []
      while case let bytes = try target.receive().bytes, !bytes.isEmpty { arrived.append(bytes) }
      #expect(arrived == [join(4), join(11)])
    }
    #expect(report.clients[0].toTarget.listed == 2)
  }

  @Test func clientsAreBounded() async throws {
    let target = try Peer()
    let clients = try (0...UDPRelay.clientLimit).map { try Peer(host: "127.0.1.\($0)") }
    let report = try await Self.relay(to: target.address) { relay in
      for (number, client) in clients.enumerated() { client.send(Self.numbered(number), to: relay) }
      clients[0].send([], to: relay)
      var count = 0
      while try !target.receive().bytes.isEmpty { count += 1 }
      #expect(count == UDPRelay.clientLimit)
    }
    #expect(report.clients.count == UDPRelay.clientLimit && report.refusedDatagrams == 1)
  }

  @Test func itEndsByItself() async throws {
    let target = try Peer()
    var options = RelayOptions(
      listen: try SocketAddress(ipAddress: "127.0.0.1", port: 0), target: target.address, seed: 1
    ) { _ in ImpairedRoundTrip(forward: .none, backward: .none) }
    options.durationNanoseconds = .milliseconds(10)
    let relay = try UDPRelay(options)
    let report = try relay.run { _ in }
    #expect(report.clients.isEmpty && report.refusedDatagrams == 0)
  }

  @Test func aPortThatIsTakenIsNamed() throws {
    let target = try Peer()
    let relay = try UDPRelay(
      RelayOptions(listen: target.address, target: target.address, seed: 1) { _ in
        ImpairedRoundTrip(forward: .none, backward: .none)
      })
    let error = #expect(throws: RelayError.self) { try relay.run { _ in } }
    #expect(error?.description.contains("\(target.address.text) is in use") == true)
  }
}
