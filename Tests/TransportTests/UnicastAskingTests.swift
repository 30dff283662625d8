import Ground
import NIOCore
import Testing
import Transport

/// Which members of a group are served by unicast, and at which addresses, Specs/chunked-udp.md §6.14.
@Suite struct UnicastAskingTests {
  private let here: SocketAddress
  private let elsewhere: SocketAddress
  private let otherPort: SocketAddress

  init() throws {
    here = try SocketAddress(ipAddress: "10.1.1.2", port: 25_000)
    elsewhere = try SocketAddress(ipAddress: "10.1.1.3", port: 25_000)
    otherPort = try SocketAddress(ipAddress: "10.1.1.3", port: 25_001)
  }

  /// Of a group with session 1. Its own sessions have the ids 101, 102 …
  private static func asking(running: Int = 0) -> UnicastAsking {
    var last: UInt64 = 100
    return UnicastAsking(sessionID: 1, runningCount: { running }) {
      last += 1
      return last
    }
  }

  @Test func aMemberThatJoinsFromItsAddressIsServedOnce() {
    var asking = Self.asking()
    #expect(asking.request(from: 7, at: here, now: .zero) == .announce(sessionID: 101))
    #expect(asking.request(from: 7, at: here, now: .zero) == .announce(sessionID: 101))
    #expect(asking.takeJoin(of: 101, from: here) == 7)
    #expect(asking.takeJoin(of: 101, from: here) == nil)
    #expect(asking.request(from: 7, at: here, now: .zero) == .none)
  }

  /// A forged source gets one announce, and a host that does not hear it cannot join.
  @Test func nobodyIsServedAtAnAddressThatDidNotJoin() {
    var asking = Self.asking()
    _ = asking.request(from: 7, at: elsewhere, now: .zero)
    #expect(asking.takeJoin(of: 101, from: here) == nil)
    #expect(asking.takeJoin(of: 101, from: otherPort) == nil)
    #expect(asking.takeJoin(of: 102, from: elsewhere) == nil)
    #expect(asking.request(from: 7, at: here, now: .zero) == .announce(sessionID: 102))
    #expect(asking.takeJoin(of: 101, from: elsewhere) == nil, "the old id is void")
    #expect(asking.takeJoin(of: 102, from: here) == 7)
  }

  @Test func eightAreServedAtATime() {
    var asking = Self.asking(running: 7)
    #expect(asking.request(from: 7, at: here, now: .zero) == .announce(sessionID: 101))
    var full = Self.asking(running: 8)
    #expect(full.request(from: 7, at: here, now: .zero) == .refuse)
  }

  @Test func sixtyFourAreServedInAll() {
    var asking = Self.asking()
    for id in 1...64 as ClosedRange<UInt64> {
      #expect(asking.request(from: id, at: here, now: .zero) == .announce(sessionID: 100 + id))
      #expect(asking.takeJoin(of: 100 + id, from: here) == id)
    }
    #expect(asking.request(from: 65, at: here, now: .zero) == .refuse)
  }

  /// Members that asked and never joined give their places up, so that forged requests keep nobody away for
  /// long.
  @Test func whoDoesNotJoinIsForgotten() {
    var asking = Self.asking()
    for id in 1...64 as ClosedRange<UInt64> { _ = asking.request(from: id, at: elsewhere, now: .zero) }
    #expect(asking.request(from: 65, at: here, now: .zero) == .refuse)
    let later = Instant.zero + .seconds(3)
    #expect(asking.awaitedUntil == later)
    #expect(asking.request(from: 65, at: here, now: later) == .announce(sessionID: 165))
    #expect(asking.takeJoin(of: 165, from: here) == 65)
    #expect(asking.awaitedUntil == .zero)
  }
}
