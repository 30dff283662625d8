import Ground
import Session
import Testing
import Wire

/// When a member of a large group reports out of turn, Specs/chunked-udp.md §6.4. In turn its next report is
/// 24,000 datagrams away.
@Suite struct HurriedReportsTests {
  private static let datagramCount: UInt64 = 2_000

  /// At 1 Gb/s.
  private static func pace(_ place: UInt64) -> Nanoseconds { .microseconds(12) * place }

  /// The reports of a member of a thousand, with the times at which each datagram was sent and arrives.
  private static func reports(
    sent: (UInt64) -> Nanoseconds = pace, arrival: (UInt64) -> Nanoseconds
  ) -> [Instant] {
    var receiver = ReceiverMachine(ReceiverMachine.Configuration(receiverID: 50, hostName: "here"))
    var announce = SessionNetwork.announce(fileChunks: 10_000, options: [.group], groupSize: 1_000)
    announce.representatives = [1, 2]
    ReceiverMachineTests.handle(&receiver, .announce(announce), packet: 0, at: .zero)
    var times: [Instant] = []
    for place in 0..<datagramCount {
      let now = Instant.zero + arrival(place)
      ReceiverMachineTests.data(
        &receiver, packet: UInt32(place) + 1, chunk: UInt32(place),
        timestamp: (Instant.zero + sent(place)).timestamp, at: now)
      let messages = ReceiverMachineTests.drain(&receiver, at: now)
      times += messages.filter { $0.type == .report }.map { _ in now }
    }
    return times
  }

  /// 20 Mb/s: it says so four times, each after two slow intervals of 4 ms and a wait of up to 200 ms, and
  /// then no more.
  @Test func aNarrowPathIsToldFourTimes() {
    let times = Self.reports { .microseconds(588) * $0 }
    #expect(times.count == 4, "\(times)")
    #expect((8_000_000...220_000_000).contains(times.first?.nanoseconds ?? 0), "\(times)")
    #expect((times.last?.nanoseconds ?? .max) < 900_000_000, "\(times)")
  }

  /// A path that all share is too narrow by start-up's gain at most, and the named members tell of it.
  @Test func aPathThatAllShareIsNoReason() {
    let times = Self.reports { .microseconds(35) * $0 }
    #expect(times.isEmpty, "\(times)")
  }

  /// Bunches of 90 arrive 4.6 times more slowly than they were sent, and their queue stays below 5 ms: hosts
  /// make such queues too.
  @Test func aShortQueueIsNoReason() {
    let times = Self.reports(
      sent: { .milliseconds(6) * ($0 / 90) + Self.pace($0 % 90) },
      arrival: { .milliseconds(6) * ($0 / 90) + .microseconds(55) * ($0 % 90) })
    #expect(times.isEmpty, "\(times)")
  }

  /// A host that stood still for 8 ms reads what arrived meanwhile at once: one slow interval.
  @Test func aHostThatStoodStillIsNoReason() {
    let times = Self.reports { place in
      place < 500 ? Self.pace(place) : max(Self.pace(place), Self.pace(500) + .milliseconds(8))
    }
    #expect(times.isEmpty, "\(times)")
  }
}
