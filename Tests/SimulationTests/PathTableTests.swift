import Foundation
import Ground
import Impairment
import Session
import Simulation
import Testing

/// Path × controller → utilisation, queue, loss in the queue, convergence: the table of Specs/performance.md.
/// The bounds hold the default controller to what it is for; the others are there to be compared. With
/// GALLERY_TABLE=FILE the table is written there.
@Suite(.serialized) struct PathTableTests {
  struct Path: Sendable, CustomTestStringConvertible {
    var megabits: Double
    var rttMilliseconds: Double
    var bufferMilliseconds: Double
    var lossPercent: Double
    /// Seconds of virtual time.
    var seconds: Double
    var testDescription: String { text }
    var text: String {
      "\(Self.short(megabits)) Mb/s, \(Self.short(rttMilliseconds)) ms, buffer \(Self.short(bufferMilliseconds)) ms, "
        + "loss \(Self.short(lossPercent)) %"
    }
    static func short(_ value: Double) -> String {
      value == value.rounded() ? String(Int(value)) : String(value)
    }

    init(_ megabits: Double, _ rtt: Double, _ buffer: Double, _ loss: Double, _ seconds: Double) {
      self.megabits = megabits
      rttMilliseconds = rtt
      bufferMilliseconds = buffer
      lossPercent = loss
      self.seconds = seconds
    }

    static let all: [Path] = [
      Path(1, 20, 200, 0, 20), Path(1, 20, 200, 5, 20),
      Path(10, 20, 30, 0, 10), Path(10, 20, 30, 5, 10), Path(10, 20, 500, 0, 10),
      Path(100, 0.1, 30, 0, 2), Path(100, 0.1, 30, 5, 2), Path(100, 0.1, 30, 30, 2),
      Path(100, 20, 5, 0, 4), Path(100, 20, 500, 0, 4), Path(100, 20, 30, 30, 4),
      Path(100, 50, 30, 0, 6), Path(100, 50, 30, 5, 6), Path(100, 50, 30, 30, 6),
      Path(100, 200, 30, 0, 12), Path(100, 200, 200, 0, 12), Path(100, 200, 30, 5, 12),
      Path(1_000, 1, 10, 0, 1), Path(1_000, 20, 20, 0, 2), Path(1_000, 20, 20, 1, 2),
      Path(10_000, 0.2, 2, 0, 0.2), Path(30_000, 0.1, 2, 0, 0.1), Path(30_000, 0.1, 2, 5, 0.1),
    ]
  }

  struct Row: Sendable {
    var utilisation = 0.0
    var queueMilliseconds = 0.0
    var overflowCount: UInt64 = 0
    var offeredCount: UInt64 = 0
    var queueLoss: Double { offeredCount == 0 ? 0 : Double(overflowCount) / Double(offeredCount) }
    /// Round trips from the first datagram of data on until nine tenths of the path are used; nil: never.
    var convergence: Double?
  }

  static func run(_ path: Path, _ controller: RateControllerKind, seed: UInt64 = 1) throws -> Row {
    let capacity = path.megabits * 1e6 / 8
    let rtt = path.rttMilliseconds / 1_000
    var impairment = try Impairment(parsing: path.lossPercent > 0 ? "\(path.lossPercent)%" : "none")
    impairment.bottleneck = .init(
      rateBitsPerSecond: UInt64(path.megabits * 1e6),
      bufferByteCount: UInt64(capacity * path.bufferMilliseconds / 1_000))
    var scenario = Scenario(
      forward: [impairment], rttNanoseconds: Nanoseconds(rtt * 1e9),
      fileChunkCount: UInt64(capacity * path.seconds / 1_440), chunkByteCount: 1_440, controller: controller,
      receiveBufferByteCount: 1 << 30, seed: seed)
    let interval = max(min(0.01, path.seconds / 200), rtt / 4)
    scenario.seriesNanoseconds = Nanoseconds(interval * 1e9)
    let result = scenario.run(limit: Nanoseconds(path.seconds * 1e9), eventLimit: 200_000_000)

    let share = capacity * interval * (1 - path.lossPercent / 100)
    let used = result.arrivedByteCounts.map { Double($0) / share }
    var row = Row()
    row.queueMilliseconds = Double(result.longestQueueNanoseconds) / 1e6
    row.overflowCount = result.forward.queueOverflowCount
    row.offeredCount = result.forward.offeredCount
    let first = used.firstIndex { $0 > 0 } ?? 0
    // The last tenth is left out: there the set may end.
    let end = used.count * 9 / 10
    let begin = min(end, first + max(Int(10 * rtt / interval), used.count / 5))
    if end > begin { row.utilisation = used[begin..<end].reduce(0, +) / Double(end - begin) }
    let span = max(2, Int(2 * rtt / interval))
    for start in first..<max(first, end - span)
    where used[start..<start + span].reduce(0, +) >= 0.9 * Double(span) {
      row.convergence = Double(start - first) * interval / max(rtt, 0.001)
      break
    }
    return row
  }

  @Test(arguments: Path.all)
  func theModelFillsThePath(path: Path) throws {
    let row = try Self.run(path, .model)
    #expect(row.utilisation >= 0.9, "\(row)")
    // With milliseconds for round trips, start-up is over before it can be measured in them.
    if path.rttMilliseconds >= 50 { #expect((row.convergence ?? .infinity) <= 10, "\(row)") }
    // Start-up finds the path's end by overflowing: two and a half times what is on its way, reports
    // included.
    let startup = 2.5 * path.megabits * 1e6 / 8 / 1_514 * (path.rttMilliseconds / 1_000 + 0.002)
    #expect(Double(row.overflowCount) <= 0.025 * Double(row.offeredCount) + startup, "\(row)")
  }

  /// At 30 % loss the few datagrams of start-up's end can tell of half of it. Once the rest was then taken
  /// for a path that had become narrower: 0.38, 0.52 and 0.69 of it were used with three of 24 seeds.
  @Test func chanceDoesNotHalveTheRate() throws {
    for seed in 1...24 as ClosedRange<UInt64> {
      let row = try Self.run(Path(100, 20, 30, 30, 4), .model, seed: seed)
      #expect(row.utilisation >= 0.85, "seed \(seed): \(row)")
    }
  }

  @Test func theTableIsWritten() throws {
    guard let file = ProcessInfo.processInfo.environment["GALLERY_TABLE"] else { return }
    var text = "| path | controller | used | longest queue, ms | lost in the queue | to 0.9, RTT (≥ 1 ms) |\n"
    text += "| --- | --- | --- | --- | --- | --- |\n"
    func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    for path in Path.all {
      let fixedRate = RateControllerKind.fixed(bitsPerSecond: 0.95 * path.megabits * 1e6 * 1_472 / 1_514)
      for (name, kind) in [("model", .model), ("aimd", .aimd), ("fixed", fixedRate)]
        as [(String, RateControllerKind)]
      {
        let row = try Self.run(path, kind)
        text +=
          "| \(path.text) | \(name) | \(fixed(row.utilisation, 2)) | \(fixed(row.queueMilliseconds, 1)) | "
          + "\(fixed(100 * row.queueLoss, 2)) % | \(row.convergence.map { fixed($0, 1) } ?? "never") |\n"
      }
    }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
