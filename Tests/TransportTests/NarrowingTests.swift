import Datagrams
import FileSet
import Glibc
import Ground
import NIOCore
import Network
import Session
import Synchronization
import TestSupport
import Testing
import Transport

/// Whole transfers to a receiver that narrows its socket while chunks stream in.
struct NarrowingTests {
  private static let byteCount = 40_000_000
  private static let mtuByteCount = 1_500

  /// A port of loopback that nobody has.
  private static func freePort() throws -> Int {
    let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    return try #require(try UDPSocket(at: any, sharesPort: false).localAddress?.port)
  }

  private struct Outcome {
    var sent: UDPSendReport
    var received: UDPReceiveReport
    var isSame: Bool
  }

  /// A set from this process to this process; `relay` gets the receiver's port and says which one to send to.
  private static func transfer(to host: String, relay: (Int) throws -> Int = { $0 }) async throws -> Outcome {
    let scratch = try StreamScratch()
    let bytes = seededBytes(byteCount, seed: 9)
    let folder = try scratch.folder("set", ["a.bin": bytes])
    let inbox = try scratch.folder("inbox")
    let port = try freePort()
    let isListening = Mutex(false)
    let receiving = onThread {
      var options = ReceiverOptions(port: port, inbox: InboxOptions(path: inbox), hostName: "lab")
      options.waitSeconds = 120
      return try UDPReceiver(options).run { event in
        if case .listening = event { isListening.withLock { $0 = true } }
      }
    }
    while !isListening.withLock({ $0 }) { try await Task.sleep(nanoseconds: 1_000_000) }
    let target = try relay(port)
    let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: true, recursive: true))
    let sending = onThread {
      var options = UDPSendOptions(host: host, port: target)
      options.mtuByteCount = mtuByteCount
      return try UDPSender(set, options).run { _ in }
    }
    let sent = try await sending.value.get()
    let received = try await receiving.value.get()
    let isSame = try StreamScratch.contents(inbox)["a.bin"] == bytes
    return Outcome(sent: sent, received: received, isSame: isSame)
  }

  /// Loopback's route back from 127.0.0.1 begins there: a socket that were narrowed would not hear what is
  /// sent to .2.
  @Test(arguments: ["127.0.0.1", "127.0.0.2"])
  func anyAddressOfTheReceiverWillDo(_ host: String) async throws {
    let outcome = try await Self.transfer(to: host)
    #expect(outcome.sent.isWhole == true && outcome.received.isWhole && outcome.isSame)
    // What its socket drops is loss as well, on a busy machine.
    #expect(outcome.received.missing.lostOnNetwork == 0)
  }

  /// A peer behind a firewall hears only the address that it writes to, as a socket does that is connected to
  /// it.
  @Test(arguments: ["127.0.0.1", "127.0.0.2"])
  func theAnswerComesFromTheAddressThatWasWrittenTo(_ host: String) async throws {
    let relay = Relay(switchAfter: .max, host: host, hearsOnlyHost: true)
    let outcome = try await Self.transfer(to: "127.0.0.1") { try relay.start(towards: $0) }
    relay.stop()
    #expect(outcome.sent.isWhole == true && outcome.received.isWhole && outcome.isSame)
  }

  /// A translator of addresses (NAT) gives the sender another port in the midst of the stream.
  @Test func aSenderWhoseAddressChangesIsHeardOn() async throws {
    let relay = Relay(switchAfter: 12_000)
    let outcome = try await Self.transfer(to: "127.0.0.1") { try relay.start(towards: $0) }
    relay.stop()
    #expect(relay.forwardedCount > 12_000)
    #expect(outcome.sent.isWhole == true && outcome.received.isWhole && outcome.isSame)
  }

  /// Passes datagrams on in both directions, and those to the receiver from another port after so many.
  private final class Relay: Sendable {
    private struct State {
      var forwardedCount = 0
      var isStopped = false
    }
    private let state = Mutex(State())
    private let switchAfter: Int
    private let host: String
    private let hearsOnlyHost: Bool

    /// `host`: the receiver's address to write to.
    init(switchAfter: Int, host: String = "127.0.0.1", hearsOnlyHost: Bool = false) {
      self.switchAfter = switchAfter
      self.host = host
      self.hearsOnlyHost = hearsOnlyHost
    }

    var forwardedCount: Int { state.withLock { $0.forwardedCount } }

    func stop() { state.withLock { $0.isStopped = true } }

    /// The port to send to.
    func start(towards port: Int) throws -> Int {
      let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
      let receiver = try SocketAddress(ipAddress: host, port: port)
      let front = try UDPSocket(at: any, sharesPort: false)
      let backs = try (0..<2).map { _ in try UDPSocket(at: any, sharesPort: false) }
      if hearsOnlyHost {
        for back in backs {
          try #require(receiver.withSockAddr { connect(back.descriptor, $0, socklen_t($1)) } == 0)
        }
      }
      let frontPort = try #require(front.localAddress?.port)
      let descriptors = (front.descriptor, backs.map(\.descriptor))
      nonisolated(unsafe) let sockets = [front] + backs
      _ = onThread { [self] in
        defer { sockets.forEach { $0.close() } }
        run(front: descriptors.0, backs: descriptors.1, receiver: receiver)
      }
      return frontPort
    }

    private func run(front: Int32, backs: [Int32], receiver: SocketAddress) {
      var sender: SocketAddress?
      var waits = [front, backs[0], backs[1]].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      while !state.withLock({ $0.isStopped }) {
        _ = poll(&waits, 3, 20)
        while let (bytes, from) = Self.take(front) {
          sender = from
          let count = state.withLock { state in
            state.forwardedCount += 1
            return state.forwardedCount
          }
          Self.give(backs[count > switchAfter ? 1 : 0], bytes, to: receiver)
        }
        for back in backs {
          while let (bytes, _) = Self.take(back) {
            if let sender { Self.give(front, bytes, to: sender) }
          }
        }
      }
    }

    private static func take(_ descriptor: Int32) -> ([UInt8], SocketAddress?)? {
      withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { name -> ([UInt8], SocketAddress?)? in
        guard let base = name.baseAddress else { return nil }
        var nameByteCount = socklen_t(name.count)
        var bytes = [UInt8](repeating: 0, count: 2_048)
        let count = recvfrom(
          descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT), base.assumingMemoryBound(to: sockaddr.self),
          &nameByteCount)
        guard count >= 0 else { return nil }
        let kernelForm = UnsafeRawBufferPointer(start: base, count: Int(nameByteCount))
        return (Array(bytes[..<count]), SocketAddress(kernelForm: kernelForm))
      }
    }

    private static func give(_ descriptor: Int32, _ bytes: [UInt8], to address: SocketAddress) {
      _ = address.withSockAddr { sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t($1)) }
    }
  }
}
