import Ground
import Impairment
import Session
import Simulation
import TestSupport
import Testing

/// Many seeded runs over many kinds of path. Every one must complete and balance, and each fifth is run
/// again: it must repeat to the same digest.
///
/// 20 paths × 2 group sizes × 60 seeds = 2,400 runs; with GALLERY_FULL 250 seeds and 10,000 runs. A failure
/// names its path, group size and seed:
/// `Scenario.seeded(path, receiverCount:, seed:).run()` replays it.
@Suite struct SeededRunsTests {
  /// Forward and backward impairment.
  struct Path: CustomTestStringConvertible, Sendable {
    var forward: String
    var backward: String
    var testDescription: String { "\(forward) / \(backward)" }

    init(_ forward: String, _ backward: String) {
      self.forward = forward
      self.backward = backward
    }
  }

  static let paths: [Path] = [
    Path("none", "none"), Path("1%", "1%"), Path("5%", "5%"), Path("10%", "10%"), Path("30%", "30%"),
    Path("burst:1%,4", "burst:1%,4"), Path("burst:5%,8", "burst:5%,8"), Path("burst:10%,20", "burst:5%,4"),
    Path("burst:20%,30", "none"), Path("ge:2%,20%,0.1%,40%", "1%"),
    Path("dup:10%", "dup:10%"), Path("5%;dup:20%", "5%;dup:20%"),
    Path("reorder:5%,3ms", "reorder:5%,3ms"), Path("2%;reorder:10%,15ms;jitter:2ms", "2%;reorder:10%,15ms"),
    Path("none", "30%"), Path("1%", "50%"), Path("10%", "none"), Path("1%;corrupt:1%", "corrupt:1%"),
    Path("1%;rate:20Mbit;buffer:20ms", "1%"), Path("5%;rate:100Mbit;buffer:5ms;jitter:1ms", "5%;jitter:1ms"),
  ]

  @Test(arguments: paths, [1, 3])
  func everyRunCompletesAndRepeats(path: Path, receiverCount: Int) throws {
    let forward = try Impairment(parsing: path.forward)
    let backward = try Impairment(parsing: path.backward)
    for seed in UInt64(1)...FullRun.count(250, otherwise: 60) {
      let scenario = Self.scenario(forward, backward, receiverCount: receiverCount, seed: seed)
      let result = scenario.run(limit: .seconds(120), eventLimit: 2_000_000)
      guard result.allComplete, result.overdueDeadlineCount == 0 else {
        Issue.record("seed \(seed), \(scenario.fileChunkCount) chunks: \(result.summary)")
        continue
      }
      #expect(result.imbalances.isEmpty, "seed \(seed)")
      guard seed % 5 == 0 else { continue }
      let again = scenario.run(limit: .seconds(120), eventLimit: 2_000_000)
      #expect(again.traceDigest == result.traceDigest, "seed \(seed) does not repeat")
    }
  }

  /// The set's size and the round trip vary with the seed: 50...500 chunks, 200 µs...100 ms.
  static func scenario(
    _ forward: Impairment, _ backward: Impairment, receiverCount: Int, seed: UInt64
  ) -> Scenario {
    var generator = Xoshiro256StarStar(seed: seed).split(stream: 99)
    let chunks = UInt64.random(in: 50...500, using: &generator)
    let rtt: Nanoseconds =
      [200_000, 1_000_000, 10_000_000, 30_000_000, 100_000_000].randomElement(using: &generator) ?? 0
    return Scenario(
      receiverCount: receiverCount, forward: [forward], backward: [backward], rttNanoseconds: rtt,
      fileChunkCount: chunks, seed: seed)
  }
}
