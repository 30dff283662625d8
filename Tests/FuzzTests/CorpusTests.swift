import Foundation
import Ground
import Testing

/// What the fuzzers of `Tools/fuzz` do with an input, done with the inputs in Tests/Corpora and with changed
/// ones. A failure is a trap. GALLERY_FUZZ_INPUT=FILE keeps the input that runs there, so that it can be run
/// again: `Tools/fuzz` reads those in the target's folder.
@Suite(.serialized) struct CorpusTests {
  enum Target: String, CaseIterable {
    case wire, frames, files, receiver, sender, sealed, trace, capture, jpeg

    var run: (UnsafeBufferPointer<UInt8>) -> Void {
      switch self {
      case .wire: fuzzWire
      case .frames: fuzzFrames
      case .files: fuzzFiles
      case .receiver: fuzzReceiver
      case .sender: fuzzSender
      case .sealed: fuzzSealed
      case .trace: fuzzTrace
      case .capture: fuzzCapture
      case .jpeg: fuzzJPEG
      }
    }

    /// Changed inputs that take about a quarter of a second.
    var changedCount: Int {
      switch self {
      case .wire, .sealed: 10_000
      case .frames, .files, .capture: 4_000
      case .sender: 2_000
      case .receiver: 1_000
      case .trace, .jpeg: 100
      }
    }
  }

  private static let corpora = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Corpora")
  private static let environment = ProcessInfo.processInfo.environment

  private static func inputs(_ target: Target) throws -> [[UInt8]] {
    let folder = corpora.appending(path: target.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
  }

  private static func run(_ target: Target, _ input: [UInt8]) throws {
    if let path = environment["GALLERY_FUZZ_INPUT"] { try Data(input).write(to: URL(filePath: path)) }
    input.withUnsafeBufferPointer(target.run)
  }

  @Test(arguments: Target.allCases)
  func keptInputsKeepTheRules(target: Target) throws {
    let inputs = try Self.inputs(target)
    #expect(inputs.count > 20, "the corpus is gone")
    #expect(inputs.reduce(0) { $0 + $1.count } < 200_000, "the corpus is too large for the repository")
    for input in inputs { try Self.run(target, input) }
  }

  @Test(arguments: Target.allCases)
  func changedInputsKeepTheRules(target: Target) throws {
    let inputs = try Self.inputs(target)
    let factor = Self.environment["GALLERY_FULL"] == "1" ? 20 : 1
    var changes = InputChanges(seed: 1)
    for _ in 0..<target.changedCount * factor { try Self.run(target, changes.next(from: inputs)) }
  }
}

/// Seeded changes of inputs: other bytes, pieces left out or doubled, and pieces of other inputs.
private struct InputChanges {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func next(from inputs: [[UInt8]]) -> [UInt8] {
    guard var input = inputs.randomElement(using: &random) else { return [] }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...input.count, using: &random)
      let end = min(input.count, place + Int.random(in: 1...16, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0 where place < input.count:
        input[place] = [0, 1, 127, 128, 255].randomElement(using: &random) ?? 0
      case 1 where place < input.count: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: input.removeSubrange(place..<end)
      case 3: input.insert(contentsOf: input[place..<end], at: place)
      default:
        let other = inputs.randomElement(using: &random) ?? []
        let start = Int.random(in: 0...other.count, using: &random)
        input.replaceSubrange(place..<end, with: other[start..<min(other.count, start + 40)])
      }
    }
    return input
  }
}
