import Ground
import Impairment
import Session
import Simulation
import Testing

/// A bottleneck that marks "congestion experienced" in place of dropping: the path is used, and its queue
/// loses nothing, Specs/chunked-udp.md §6.16.
@Suite struct MarkedPathTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var megabits: Double
    var rttMilliseconds: UInt64
    var bufferMilliseconds: Double
    /// The queue from which datagrams are marked; nil: none are.
    var markMilliseconds: Double?
    var lossPercent = 0.0
    var receiverCount = 1
    var seconds = 4.0
    var testDescription: String {
      "\(megabits) Mb/s, \(rttMilliseconds) ms, mark \(markMilliseconds ?? 0) ms, loss \(lossPercent) %, R = \(receiverCount)"
    }

    var bottleneck: Impairment.Bottleneck {
      .init(
        rateBitsPerSecond: UInt64(megabits * 1e6),
        bufferByteCount: UInt64(megabits * 1e6 / 8 * bufferMilliseconds / 1_000),
        markNanoseconds: markMilliseconds.map { UInt64($0 * 1e6) })
    }
  }

  private static func run(_ row: Row) throws -> (used: Double, result: SimulationResult) {
    let path = try Impairment(parsing: row.lossPercent > 0 ? "\(row.lossPercent)%" : "none")
    let capacity = row.megabits * 1e6 / 8
    var scenario = Scenario(
      receiverCount: row.receiverCount, forward: [path], backward: [path], shared: row.bottleneck,
      rttNanoseconds: .milliseconds(row.rttMilliseconds),
      fileChunkCount: UInt64(capacity * row.seconds / 1_514), seed: 1)
    scenario.seriesNanoseconds = .milliseconds(50)
    let result = scenario.run()
    let share = capacity * 0.05 * (1 - row.lossPercent / 100)
    let used = result.arrivedByteCounts.map { Double($0) / share }
    let middle = used[used.count / 5..<used.count * 9 / 10]
    return (middle.reduce(0, +) / Double(middle.count), result)
  }

  @Test(arguments: [
    Row(megabits: 100, rttMilliseconds: 1, bufferMilliseconds: 30, markMilliseconds: 1),
    Row(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 60, markMilliseconds: 5),
    Row(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 60, markMilliseconds: 5, receiverCount: 10),
    Row(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 60, markMilliseconds: 5, lossPercent: 1),
    Row(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 60, markMilliseconds: 5, lossPercent: 5),
    Row(
      megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 60, markMilliseconds: 5, lossPercent: 1,
      receiverCount: 10),
    Row(megabits: 10, rttMilliseconds: 1, bufferMilliseconds: 100, markMilliseconds: 5),
    Row(megabits: 10, rttMilliseconds: 50, bufferMilliseconds: 100, markMilliseconds: 5, seconds: 8),
  ])
  func aMarkingQueueIsUsedAndLosesNothing(row: Row) throws {
    let (used, result) = try Self.run(row)
    #expect(result.allComplete && result.areMarksAllowed, "\(result)")
    #expect(used >= 0.93, "used \(used)")
    #expect(result.sharedOverflowCount == 0)
    #expect(result.receivers.allSatisfy { $0.counters.markedDatagrams > 0 })
    // With random loss a probe ends late in some round trips.
    var unmarked = row
    unmarked.markMilliseconds = nil
    let (_, other) = try Self.run(unmarked)
    #expect(result.longestQueueNanoseconds <= other.longestQueueNanoseconds)
  }

  /// What marks change is the queue: with a buffer of 30 ms start-up overflows, and marks end it earlier.
  @Test func marksEndStartUpEarlier() throws {
    var row = Row(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 30, markMilliseconds: 5)
    let marked = try Self.run(row).result
    row.markMilliseconds = nil
    let dropped = try Self.run(row).result
    #expect(dropped.sharedOverflowCount > 0)
    #expect(marked.sharedOverflowCount < dropped.sharedOverflowCount / 2)
  }

  /// The path of one member marks: the group is as fast as it, and finds that out with fewer losses.
  @Test func theMemberWithMarksIsTheSlowest() throws {
    func run(_ narrow: String) throws -> SimulationResult {
      let paths = try ["rate:100Mbit;buffer:100ms", narrow].map { try Impairment(parsing: $0) }
      return Scenario(receiverCount: 2, forward: paths, fileChunkCount: 12_000, seed: 1).run()
    }
    let result = try run("rate:40Mbit;buffer:30ms;mark:5ms")
    let unmarked = try run("rate:40Mbit;buffer:30ms")
    #expect(result.allComplete && result.areMarksAllowed)
    #expect(result.receivers[0].counters.markedDatagrams == 0)
    #expect(result.receivers[1].counters.markedDatagrams > 0)
    #expect(2 * result.forward.queueOverflowCount < unmarked.forward.queueOverflowCount)
    #expect(result.goodputBitsPerSecond >= 0.9 * 40e6 * 1_440 / 1_514)
  }

  /// Receivers that do not count marks get none, and the run is that without marks.
  @Test func withoutCountingNothingIsMarked() throws {
    func run(_ path: String, counts: Bool) throws -> SimulationResult {
      var scenario = Scenario(forward: [try Impairment(parsing: path)], fileChunkCount: 3_000, seed: 1)
      scenario.countsMarks = counts
      return scenario.run()
    }
    let (plain, marking) = ("rate:100Mbit;buffer:30ms", "rate:100Mbit;buffer:30ms;mark:1ms")
    let without = try run(plain, counts: true)
    let uncounted = try run(marking, counts: false)
    #expect(uncounted.traceDigest == without.traceDigest)
    #expect(!uncounted.areMarksAllowed && uncounted.receivers[0].counters.markedDatagrams == 0)
    #expect(try run(marking, counts: true).traceDigest != without.traceDigest)
  }
}
