import Ground
import Session
import Testing
import Transport
import Viewer

import gallery

/// What a sender's window shows, from samples as sessions give them.
struct SendingBoardTests {
  private static let ids: [UInt64] = [1, 2, 3]

  private func sample(
    _ seconds: Double, held: [UInt64], lost: [UInt64] = [0, 0, 0], outcomes: [Int: PeerOutcome] = [:],
    hasStarted: Bool = true
  ) -> SendingSample {
    SendingSample(
      sessionID: 7, now: Instant.zero + Nanoseconds(seconds * 1e9), isGroup: true, hasStarted: hasStarted,
      chunkCount: 100, fileByteCount: 100_000, datagramCount: UInt64(seconds * 100),
      byteCount: UInt64(seconds * 1e5), nackCount: 3,
      receivers: held.indices.map { place in
        SendingSample.Receiver(
          id: Self.ids[place], name: "host-\(place)", address: "10.0.0.\(place)", chunksHeld: held[place],
          lostDatagramCount: lost[place], rttNanoseconds: 1_500_000, outcome: outcomes[place] ?? .underWay,
          reason: outcomes[place].map { _ in "fell silent" })
      }, receiverCount: held.count)
  }

  @Test func beforeTheStartReceiversAreHere() {
    var board = SendingBoard(title: "2 files")
    #expect(!board.board(canWait: true).canStart, "nobody is here")
    board.tell(.joined(ReceiverJoin(name: "host-0", address: "10.0.0.0", receiverID: UInt64(1).hexadecimal)))
    board.take(sample(0, held: [0, 0], hasStarted: false))
    let shown = board.board(canWait: true)
    #expect(shown.canStart && shown.title == "2 files" && shown.traffic == nil)
    #expect(shown.rows.map(\.state) == [.here, .here] && shown.rows.map(\.name) == ["host-0", "host-1"])
    #expect(shown.rows[0].lossFraction == nil && shown.summary == "2 receivers")
    #expect(!board.board(canWait: false).canStart)
    board.take(sample(1, held: [0, 0]))
    #expect(!board.board(canWait: true).canStart, "it has started")
  }

  @Test func theSlowestIsNamedWithItsFigures() throws {
    var board = SendingBoard(title: "set")
    board.take(sample(1, held: [10, 10, 10]))
    #expect(board.board(canWait: false).rows.allSatisfy { $0.state == .receiving }, "all are equal")
    board.take(sample(2, held: [40, 30, 20], lost: [0, 10, 20]))
    let rows = board.board(canWait: false).rows
    #expect(rows.map(\.state) == [.receiving, .receiving, .slowest])
    #expect(rows.map(\.fraction) == [0.4, 0.3, 0.2] && rows.map(\.lossFraction) == [0, 0.05, 0.1])
    #expect(rows.map(\.bytesPerSecond) == [30_000, 20_000, 10_000] && rows[0].rttMilliseconds == 1.5)
    let traffic = try #require(board.board(canWait: false).traffic)
    #expect(traffic.samples.map(\.seconds) == [0, 1] && traffic.samples.last?.lostCount == 20)
  }

  @Test func whoIsWholeAndWhoIsNotAndWhy() {
    var board = SendingBoard(title: "set")
    board.take(sample(1, held: [10, 10, 10]))
    board.take(sample(2, held: [100, 30, 20], outcomes: [0: .whole(filesVerified: 2), 1: .silent]))
    board.tell(
      .lost(
        LostReceiver(
          name: "host-2", address: "10.0.0.2", receiverID: UInt64(3).hexadecimal, outcome: "leftBehind",
          reason: "10 s behind the others")))
    let shown = board.board(canWait: false)
    #expect(shown.rows.map(\.state) == [.whole, .lost, .lost])
    #expect(shown.rows.map(\.note) == ["", "fell silent", "10 s behind the others"])
    #expect(shown.rows.allSatisfy { $0.bytesPerSecond == nil } && shown.rows[1].fraction == 0.3)
    #expect(shown.summary == "3 receivers: 1 has everything, 2 not whole")
  }

  /// 100 chunks in 48 cells: cell 12 has the chunks 25 and 26.
  @Test func eachRowHasAMapOfItsOwn() {
    var board = SendingBoard(title: "set")
    var first = sample(1, held: [25, 20])
    first.sentChunkCount = 26
    var asked = ChunkMap(capacity: 100)
    asked.insert(3..<4)
    first.receivers[1].asked = asked
    board.take(first)
    var rows = board.board(canWait: false).rows
    #expect(rows.map(\.cells.count) == [48, 48])
    #expect(rows[0].cells.prefix(12).allSatisfy { $0.state == .arrived })
    #expect(rows[0].cells[12] == .init(.partial, fraction: 0.5))
    #expect(rows[0].cells.dropFirst(13).allSatisfy { $0.state == .missing })
    #expect(rows[1].cells[1].state == .asked && rows[1].cells[0].state == .arrived)
    var last = sample(
      2, held: [100, 100], outcomes: [0: .whole(filesVerified: 2), 1: .whole(filesVerified: 2)])
    last.receivers[1].asked = asked
    board.take(last)
    rows = board.board(canWait: false).rows
    #expect(rows[0].cells.allSatisfy { $0.state == .arrived })
    #expect(rows[1].cells.enumerated().allSatisfy { $1.state == ($0 == 1 ? .repaired : .arrived) })
  }

  /// A member that asks for unicast is this group's no more; its own session fills its row.
  @Test func aReceiverThatIsServedByUnicastKeepsItsRow() {
    var board = SendingBoard(title: "set")
    board.take(sample(1, held: [10, 1]))
    board.tell(
      .unicast(
        UnicastReceiver(
          name: "host-1", address: "10.0.0.1", receiverID: UInt64(2).hexadecimal, reason: "no chunk comes")))
    var own = sample(2, held: [0, 60])
    own.sessionID = 8
    own.receivers.removeFirst()
    board.take(own)
    var group = sample(2, held: [50, 1], outcomes: [1: .silent])
    group.receivers[1].isServedApart = true
    board.take(group)
    let rows = board.board(canWait: false).rows
    #expect(rows.map(\.fraction) == [0.5, 0.6] && rows.map(\.state) == [.slowest, .receiving])
    #expect(rows[1].note == "by unicast: no chunk comes")
  }

  /// A receiver that nobody heard again when all was over is not whole; a large group is counted.
  @Test func theEndSettlesAll() {
    var board = SendingBoard(title: "set")
    var large = sample(1, held: [100, 10], outcomes: [0: .whole(filesVerified: 1)])
    large.receiverCount = 1_000
    board.take(large)
    board.end()
    let shown = board.board(canWait: true)
    #expect(shown.rows.map(\.state) == [.whole, .lost] && shown.furtherCount == 998 && !shown.canStart)
    #expect(shown.summary.hasPrefix("1000 receivers"))
  }

  @Test func aSearchShowsWhomItFinds() {
    var board = SendingBoard(title: "set")
    board.tell(
      .found(FoundHost(name: "attic\u{1B}[31m", address: "10.0.0.9", receiverID: "0a", isBusy: true)))
    board.tell(
      .way(
        ReceiverWay(
          name: "attic", address: "10.0.0.9", receiverID: "0a", mode: .tcp, reason: "UDP does not pass")))
    let row = board.board(canWait: true).rows[0]
    #expect(row.state == .here && row.note == "tcp: UDP does not pass")
  }
}
