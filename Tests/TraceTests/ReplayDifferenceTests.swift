import Session
import Testing
import Trace

/// Where two small traces that are written here first differ.
struct ReplayDifferenceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What arrives at or leaves a receiver, or a sender, a millisecond apart.
  private enum Step {
    case data(UInt32, chunk: UInt32, isRepair: Bool = false)
    case nack([(UInt32, UInt32)])
  }

  private func replay(_ name: String, _ steps: [Step], role: TraceRole = .receiver) throws -> Replay {
    let path = folder.path(name)
    let tracer = try SessionTracer(TraceOptions(qlogPath: path), role: role, name: "host", now: 0)
    var facts = Datagrams.facts
    facts.chunkCount = 8
    tracer.started(facts, at: 0)
    for (place, step) in steps.enumerated() {
      let time = UInt64(place + 1) * 1_000_000
      let datagram =
        switch step {
        case .data(let number, let chunk, let isRepair):
          Datagrams.data(number, chunk: chunk, isRepair: isRepair)
        case .nack(let ranges): Datagrams.nack(UInt32(place), ranges)
        }
      let isNack = if case .nack = step { true } else { false }
      if isNack == (role == .receiver) {
        tracer.sent(datagram, at: time)
      } else {
        tracer.received(datagram, at: time)
      }
    }
    #expect(tracer.close().isEmpty)
    return try Replay(path: path)
  }

  private let calm: [Step] = [
    .data(0, chunk: 0), .data(1, chunk: 1), .nack([(3, 2)]), .data(2, chunk: 5), .data(3, chunk: 6),
  ]

  @Test func equalRunsDoNotDiffer() throws {
    let (one, two) = (try replay("a", calm), try replay("b", calm))
    #expect(ReplayDifference.canCompare(one, two) && ReplayDifference.first(one, two) == nil)
  }

  /// Packet numbers may differ: other datagrams came between.
  @Test func packetNumbersDoNotCount() throws {
    let shifted: [Step] = [
      .data(10, chunk: 0), .data(12, chunk: 1), .nack([(3, 2)]), .data(13, chunk: 5), .data(20, chunk: 6),
    ]
    #expect(ReplayDifference.first(try replay("a", calm), try replay("b", shifted)) == nil)
  }

  @Test func anotherChunkIsTheDifference() throws {
    var steps = calm
    steps[3] = .data(2, chunk: 4)
    let found = try #require(ReplayDifference.first(try replay("a", calm), try replay("b", steps)))
    #expect(found.firstCount == 4 && found.secondCount == 4 && found.seconds == 0.004)
  }

  @Test func aRepairIsNotAFirstChunk() throws {
    var steps = calm
    steps[1] = .data(1, chunk: 1, isRepair: true)
    let found = try #require(ReplayDifference.first(try replay("a", calm), try replay("b", steps)))
    #expect(found.firstCount == 2 && found.secondCount == 2)
  }

  /// A NACK for other chunks comes before another chunk: it is the first difference.
  @Test func anotherNackIsTheDifference() throws {
    var steps = calm
    steps[2] = .nack([(3, 1)])
    steps[4] = .data(3, chunk: 7)
    let found = try #require(ReplayDifference.first(try replay("a", calm), try replay("b", steps)))
    #expect(found.firstCount == 3 && found.secondCount == 3 && found.seconds == 0.003)
  }

  @Test func aRunThatGoesOnDiffersAtTheEndOfTheOther() throws {
    let found = try #require(
      ReplayDifference.first(try replay("a", Array(calm.prefix(4))), try replay("b", calm)))
    #expect(found.secondCount == 5 && found.firstCount == 4 && found.seconds == 0.005)
  }

  /// Both sides of a session: packet 2 did not arrive.
  @Test func ofTwoSidesTheFirstLossIsTheDifference() throws {
    let sent: [Step] = [.data(0, chunk: 0), .data(1, chunk: 1), .data(2, chunk: 2), .data(3, chunk: 3)]
    var arrived = sent
    arrived.remove(at: 2)
    let (sender, receiver) = (try replay("a", sent, role: .sender), try replay("b", arrived))
    let found = try #require(ReplayDifference.first(sender, receiver))
    #expect(found.firstCount == 3 && found.secondCount == 3 && found.seconds == 0.003)
    let turned = try #require(ReplayDifference.first(receiver, sender))
    #expect(turned.firstCount == 3 && turned.secondCount == 3)
    #expect(ReplayDifference.first(sender, try replay("c", sent)) == nil, "nothing was lost")
  }
}
