import Foundation
import Ground
import Impairment
import Simulation
import TestSupport
import Testing

/// Sends per chunk with chosen blocks, beside the exact expectation (the maximum over R of negative
/// binomials), and under bursts beside that of independent losses. With GALLERY_CELLS=FILE the table of
/// Specs/performance.md is written there; with GALLERY_FULL all rows are held.
@Suite(.serialized) struct GroupCellTests {
  struct Cell: CustomTestStringConvertible, Sendable {
    var loss: String
    var receiverCount: Int
    /// k; 0: repair by chunks.
    var blockChunkCount: UInt8
    var model: Double
    /// Part of the model by which the sends may be higher.
    var tolerance = 0.03
    var testDescription: String { "\(loss), R = \(receiverCount), k = \(blockChunkCount)" }
  }

  private static func group(_ loss: String, _ receiverCount: Int, _ models: [(UInt8, Double)]) -> [Cell] {
    models.map {
      Cell(
        loss: loss, receiverCount: receiverCount, blockChunkCount: $0.0, model: $0.1,
        tolerance: loss.hasPrefix("burst") ? 0.1 : 0.03)
    }
  }

  private static let models: [(String, Int, [(UInt8, Double)])] = [
    ("1%", 1_000, [(0, 2.096), (64, 1.071), (200, 1.040)]),
    ("5%", 3, [(0, 1.151), (64, 1.078), (200, 1.067)]),
    ("5%", 10, [(0, 1.427), (64, 1.102), (200, 1.080)]),
    ("5%", 100, [(0, 2.229), (64, 1.140), (200, 1.099)]),
    ("5%", 1_000, [(0, 3.042), (64, 1.173), (200, 1.115)]),
    ("10%", 10, [(0, 1.758), (64, 1.183), (200, 1.151)]),
    ("30%", 10, [(0, 2.934), (64, 1.587)]),
    ("burst:5%,8", 3, [(64, 1.078), (200, 1.067)]),
    ("burst:5%,8", 10, [(64, 1.102), (200, 1.080)]),
    ("burst:5%,8", 100, [(64, 1.140), (200, 1.099)]),
  ]
  static let cells: [Cell] = models.flatMap { group($0.0, $0.1, $0.2) }
  /// 200 chunks have at most 55 symbols, too few at 30 %: this cell is not reached.
  static let beyondSymbols: [Cell] = group("30%", 10, [(200, 1.516)])

  /// 14.4 MB over 100 Mb/s with 40 ms of buffer, 10 ms each way.
  private static func run(_ cell: Cell, seed: UInt64) throws -> SimulationResult {
    let path = try Impairment(parsing: cell.loss)
    var scenario = Scenario(
      receiverCount: cell.receiverCount, isGroup: true, forward: [path], backward: [path],
      shared: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 500_000),
      rttNanoseconds: .milliseconds(20), fileChunkCount: 10_000, seed: seed)
    if cell.blockChunkCount > 0 {
      scenario.parity = Scenario.Parity(blockChunkCount: cell.blockChunkCount)
    }
    return scenario.run()
  }

  private static func means(_ cell: Cell) throws -> (sends: Double, goodputMegabits: Double, isWhole: Bool) {
    let results = try (1...(cell.receiverCount < 1_000 ? 3 : 1)).map { try run(cell, seed: UInt64($0)) }
    let count = Double(results.count)
    return (
      results.reduce(0) { $0 + $1.sendsPerChunk } / count,
      results.reduce(0) { $0 + $1.goodputBitsPerSecond } / count / 1e6, results.allSatisfy(\.allComplete)
    )
  }

  @Test(arguments: cells.filter { $0.receiverCount <= 3 || FullRun.isAsked })
  func sendsAreThoseOfTheModel(cell: Cell) throws {
    let sends = try Self.means(cell).sends
    #expect((0.98...1 + cell.tolerance).contains(sends / cell.model), "\(sends), expected \(cell.model)")
  }

  @Test func theTableIsWritten() throws {
    guard let file = ProcessInfo.processInfo.environment["GALLERY_CELLS"] else { return }
    var text =
      "| loss | R | k | sends per chunk | model | ÷ model | goodput, Mb/s | 0.8 of the model's | all whole |\n"
      + "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    for cell in Self.cells + Self.beyondSymbols {
      let means = try Self.means(cell)
      text +=
        "| \(cell.loss) | \(cell.receiverCount) | \(cell.blockChunkCount) | \(fixed(means.sends, 3)) | "
        + "\(fixed(cell.model, 3)) | \(fixed(means.sends / cell.model, 3)) | \(fixed(means.goodputMegabits, 1)) | "
        + "\(fixed(0.8 * 96 / cell.model, 1)) | \(means.isWhole ? "yes" : "no") |\n"
    }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
