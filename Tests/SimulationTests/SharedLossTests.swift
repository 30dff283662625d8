import Foundation
import Ground
import Impairment
import Simulation
import TestSupport
import Testing

/// NACKs of a group for a loss that all receivers share, beside the theory of a backoff over K = min(6, R ÷
/// 5) GRTT that notices of the sender alone cut short: min(R, exp(1.2 λ ÷ K)), λ = ln R + 1. With
/// GALLERY_NACKS=FILE the table of Specs/performance.md is written there.
@Suite(.serialized) struct SharedLossTests {
  private static let lossCount = 10

  private static func model(_ receiverCount: Int) -> Double {
    let count = Double(receiverCount)
    return min(count, exp(1.2 * (log(count) + 1) / min(6, count / 5)))
  }

  /// Ten datagrams that nobody gets, each long after the repair of the one before.
  private static func run(_ receiverCount: Int, hasParity: Bool, seed: UInt64) throws -> SimulationResult {
    let numbers = (0..<lossCount).map { "\(1_000 + 450 * $0)" }.joined(separator: ",")
    var scenario = Scenario(
      receiverCount: receiverCount, isGroup: true, forward: [try Impairment(parsing: "drop:\(numbers)")],
      shared: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 500_000),
      rttNanoseconds: .milliseconds(20), fileChunkCount: 5_500, rateLimitBitsPerSecond: 20_000_000, seed: seed
    )
    if hasParity { scenario.parity = Scenario.Parity(blockChunkCount: 64) }
    return scenario.run()
  }

  private static func nacksPerLoss(_ receiverCount: Int, hasParity: Bool) throws -> Double {
    let seeds = receiverCount > 1_000 ? 1 : receiverCount > 10 ? 2 : 5
    let counts = try (1...seeds).map { seed in
      let result = try run(receiverCount, hasParity: hasParity, seed: UInt64(seed))
      #expect(result.allComplete, "\(result.summary.prefix(300))")
      return Double(result.nackCount) / Double(lossCount)
    }
    return counts.reduce(0, +) / Double(seeds)
  }

  /// Parity is what groups have by default.
  @Test(arguments: [10, 100] + (FullRun.isAsked ? [1_000, 10_000] : []))
  func aLossOfAllCostsFewNacks(receiverCount: Int) throws {
    let nacks = try Self.nacksPerLoss(receiverCount, hasParity: true)
    #expect((0.5...2).contains(nacks / Self.model(receiverCount)), "\(nacks)")
    #expect(nacks < 10)
  }

  @Test func theTableIsWritten() throws {
    guard let file = ProcessInfo.processInfo.environment["GALLERY_NACKS"] else { return }
    func fixed(_ value: Double) -> String { String(format: "%.2f", value) }
    var text = "| R | model | blocks of 64 | ÷ model | by chunks | ÷ model |\n"
    text += "| --- | --- | --- | --- | --- | --- |\n"
    for count in [10, 30, 100, 300, 1_000, 3_000, 10_000] {
      let model = Self.model(count)
      let (blocks, chunks) = (
        try Self.nacksPerLoss(count, hasParity: true), try Self.nacksPerLoss(count, hasParity: false)
      )
      text +=
        "| \(count) | \(fixed(model)) | \(fixed(blocks)) | \(fixed(blocks / model)) | \(fixed(chunks)) | "
      text += "\(fixed(chunks / model)) |\n"
    }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
