import Ground
import Session
import Testing
import Wire

/// When a receiver says that the chunks of its group do not get through, Specs/chunked-udp.md §6.14.
@Suite struct GroupHearingTests {
  private typealias Single = ReceiverMachineTests

  /// A sender that announces each 500 ms, and what of it is heard.
  private struct Bench {
    var hearing = GroupHearing()
    var heard = GroupHearing.Heard(packet: 0, datagrams: 0, messages: 0)
    var now = Instant.zero
    var chunkCount: UInt64 = 10_000

    /// Time passes, in which the sender sends `sent` chunks, of which `arrived` arrive; then a message of it
    /// does.
    mutating func message(
      after interval: Nanoseconds = .milliseconds(500), sent: UInt64, arrived: UInt64 = 0, isEnd: Bool = false
    ) -> GroupHearing.Finding? {
      now = now + interval
      heard.packet += sent + 1
      heard.datagrams += arrived + 1
      heard.messages += 1
      return hearing.note(heard, isEnd: isEnd, chunkCount: chunkCount, now: now)
    }
  }

  @Test func chunksThatDoNotArriveAreBlocked() {
    var bench = Bench()
    let findings = (0..<4).map { _ in bench.message(sent: 100) }
    #expect(
      findings == [
        nil, nil, nil, GroupHearing.Finding(missing: 300, arrived: 0, nanoseconds: .milliseconds(1_500)),
      ])
  }

  /// Announces and ends may follow each other closely: many looks fit into the least time.
  @Test func manyLooksDoNotHideIt() {
    var bench = Bench()
    let findings = (0..<100).map { _ in bench.message(after: .milliseconds(20), sent: 5) }
    #expect(findings.firstIndex { $0 != nil } == 75)
  }

  /// The short last chunks of files pass a filter of large packets. A path that is narrow carries more.
  @Test(arguments: [(5, true), (6, false), (32, false), (250, false), (500, false)] as [(UInt64, Bool)])
  func someMayArrive(arrived: UInt64, isBlocked: Bool) {
    var bench = Bench()
    let findings = (0..<40).map { _ in bench.message(sent: 500 + min(arrived, 31), arrived: arrived) }
    #expect(findings.contains { $0 != nil } == isBlocked)
  }

  /// Chunks arrive, and then no more: what arrived before counts no longer.
  @Test func theyMayStopLater() {
    var bench = Bench()
    for _ in 0..<20 { #expect(bench.message(sent: 1_000, arrived: 1_000) == nil) }
    let findings = (0..<5).map { _ in bench.message(sent: 100) }
    #expect(findings.prefix(2).allSatisfy { $0 == nil } && findings.contains { $0 != nil })
  }

  /// Nothing at all arrives for five seconds, and then everything.
  @Test func anOutageIsNoFilter() {
    var bench = Bench()
    for _ in 0..<4 { _ = bench.message(sent: 1_000, arrived: 1_000) }
    var findings = [bench.message(after: .seconds(5), sent: 10_000)]
    findings += (0..<10).map { _ in bench.message(sent: 1_000, arrived: 900) }
    #expect(findings.allSatisfy { $0 == nil })
  }

  /// This process was stopped for a moment.
  @Test func anAbsenceIsNoFilter() {
    var bench = Bench()
    for _ in 0..<3 { _ = bench.message(sent: 100) }
    bench.hearing.restart()
    #expect((0..<3).allSatisfy { _ in bench.message(sent: 100) == nil })
    #expect(bench.message(sent: 100) != nil)
  }

  /// A sender waits a minute for receivers, and every third of its announces is lost.
  @Test func lostAnnouncesAreNoChunks() {
    var bench = Bench()
    for turn in 0..<800 {
      #expect(bench.message(after: .milliseconds(75), sent: turn % 2 == 0 ? 1 : 0) == nil)
    }
  }

  /// Of a set of five chunks no 64 packets are missing: an *end* says that all were sent.
  @Test(arguments: [true, false]) func aSmallSetIsKnownByItsEnd(hasEnd: Bool) {
    var bench = Bench(chunkCount: 5)
    var findings = [bench.message(sent: 0), bench.message(sent: 5, isEnd: hasEnd)]
    findings += (0..<6).map { _ in bench.message(sent: 1, isEnd: hasEnd) }
    #expect(findings.contains { $0 != nil } == hasEnd)
  }

  // MARK: In a receiver

  private static func requests(_ receiver: inout ReceiverMachine) -> [UnicastRequest] {
    var requests: [UnicastRequest] = []
    while let event = receiver.pollEvent() {
      if case .chunksBlocked(let request) = event { requests.append(request) }
    }
    return requests
  }

  /// Announces of a group, 100 packet numbers and 500 ms apart.
  private static func announce(
    _ receiver: inout ReceiverMachine, options: AnnounceOptions, from packet: UInt32, at start: Instant
  ) -> [UnicastRequest] {
    for turn in 0..<4 as Range<UInt32> {
      let now = start + UInt64(turn) * .milliseconds(500)
      let announce = SessionNetwork.announce(fileChunks: 5_000, options: options, groupSize: 3)
      Single.handle(&receiver, .announce(announce), packet: packet + 100 * turn, at: now)
      _ = Single.drain(&receiver, at: now + .milliseconds(10))
    }
    return requests(&receiver)
  }

  @Test(arguments: [[.group], [], [.group, .oneWay]] as [AnnounceOptions])
  func onlyAReceiverOfAGroupAsks(options: AnnounceOptions) {
    var receiver = Single.listening()
    let requests = Self.announce(&receiver, options: options, from: 0, at: .zero)
    #expect(requests.count == (options == .group ? 1 : 0))
    #expect(requests.allSatisfy { $0.sessionID == SessionNetwork.sessionID && $0.receiverID == 7 })
  }

  @Test func aReceiverAsksInTheMiddleOfASession() {
    var receiver = Single.joined(fileChunks: 5_000, options: .group, groupSize: 3)
    _ = Single.drain(&receiver, at: .zero)
    for packet in 1...200 as ClosedRange<UInt32> {
      Single.data(&receiver, packet: packet, chunk: packet, at: .zero)
    }
    #expect(Self.requests(&receiver).isEmpty)
    let requests = Self.announce(
      &receiver, options: .group, from: 300, at: Instant(nanoseconds: .milliseconds(400)))
    #expect(requests.count == 1)
  }

  /// A request is no shorter than the announce that answers it, and all of them stay within the credit of
  /// what the group's session brought.
  @Test func requestsAreFewAndLong() throws {
    var receiver = Single.listening()
    var request = try #require(Self.announce(&receiver, options: .group, from: 0, at: .zero).first)
    var (byteCount, waits) = (0, [Nanoseconds]())
    while let next = request.next() {
      guard case .abort(let abort) = next.transmission.message else {
        Issue.record("no abort")
        return
      }
      #expect(abort.reason == .needsUnicast && abort.receiverID == 7 && abort.text == request.reason)
      #expect(abort.byteCount >= Announce.minByteCount)
      byteCount += abort.byteCount
      waits.append(next.wait)
    }
    #expect(waits == (0..<6).map { .milliseconds(100) << $0 })
    #expect(byteCount <= 3 * 4 * SessionNetwork.announce(fileChunks: 5_000).byteCount)
  }
}
