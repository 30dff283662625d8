import Foundation
import Testing
import Trace

struct LadderTests {
  @Test func departureAndArrivalAreJoinedThoughTheClocksDiffer() throws {
    let sides = try TwoSides(ahead: 123_456)
    sides.loseTheFirstNack()
    let ladder = try sides.ladder()
    let first = try #require(ladder.datagrams.first)
    #expect(first.type == "data" && first.chunk == 0 && first.isFromSender)
    #expect(first.sentAt == 0)
    // Equally fast in both directions: a millisecond.
    #expect(abs((first.arrivedAt ?? 0) - 1) < 0.001)
    let nack = try #require(ladder.datagrams.last { $0.type == "nack" })
    #expect(abs((nack.sentAt ?? 0) - 16) < 0.001 && abs((nack.arrivedAt ?? 0) - 17) < 0.001)
    #expect(nack.ranges == [1...1])
  }

  @Test func aLossSaysWhereItWas() throws {
    let sides = try TwoSides()
    sides.there(Datagrams.data(0, chunk: 0), at: 0)
    sides.there(Datagrams.data(1, chunk: 1), at: 1, dropped: true)
    sides.there(Datagrams.data(2, chunk: 2), at: 2, arrives: false)
    var damaged = Datagrams.data(3, chunk: 3)
    sides.sender.sent(damaged, at: 3_000_000)
    damaged[60] ^= 1
    sides.receiver.received(damaged, at: 5_004_000_000)
    sides.back(Datagrams.nack(0, [(1, 2)]), at: 6, dropped: true)
    sides.there(Datagrams.data(4, chunk: 4), at: 7)
    let ladder = try sides.ladder()
    #expect(ladder.datagrams.map(\.loss) == [nil, .leaving, .underway, .damaged, .arriving, nil])
  }

  /// It may have waited in the socket of a program that ended.
  @Test func whatTheOtherSideCannotHaveHeardIsNotLost() throws {
    let sides = try TwoSides()
    sides.there(Datagrams.data(0, chunk: 0), at: 0)
    sides.back(Datagrams.report(0, held: 1), at: 0)
    sides.there(Datagrams.data(1, chunk: 1), at: 1, arrives: false)
    let last = try #require(try sides.ladder().datagrams.last)
    #expect(last.loss == nil && last.arrivedAt == nil)
  }

  @Test func aSecondCopyIsAnArrowOfItsOwn() throws {
    let sides = try TwoSides()
    sides.there(Datagrams.data(0, chunk: 0), at: 0)
    sides.receiver.received(Datagrams.data(0, chunk: 0), at: 5_003_000_000)
    let found = try sides.ladder().datagrams
    #expect(found.map(\.sentAt) == [0, 0])
    #expect(found.allSatisfy { $0.arrivedAt != nil && !$0.isLost })
  }

  @Test func oneTraceKnowsItsOwnSideOnly() throws {
    let sides = try TwoSides()
    sides.loseTheFirstNack()
    sides.close()
    let ladder = try Ladder(path: sides.senderPath)
    #expect(ladder.hasSender && !ladder.hasReceiver)
    #expect(ladder.datagrams.contains { $0.type == "nack" && $0.loss == .arriving && $0.ranges == [1...1] })
    #expect(!ladder.datagrams.contains { $0.loss == .underway })
    #expect(ladder.datagrams.filter(\.isFromSender).allSatisfy { $0.arrivedAt == nil })
  }

  @Test func tracesThatDoNotBelongTogetherAreRefused() throws {
    let sides = try TwoSides(receiverSession: 7)
    let error = #expect(throws: TraceError.self) { try sides.ladder() }
    #expect(error?.description.contains("they are of different sessions") == true)
    let twice = #expect(throws: TraceError.self) {
      try Ladder(path: sides.senderPath, other: sides.senderPath)
    }
    #expect(twice?.description.contains("both are of a sender") == true)
  }

  @Test func aTraceWithoutASessionIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("run.qlog")
    _ = try SessionTracer(TraceOptions(qlogPath: path), role: .receiver, name: "", now: 0).close()
    #expect(throws: TraceError.noSession(path: path)) { try Ladder(path: path) }
  }
}
