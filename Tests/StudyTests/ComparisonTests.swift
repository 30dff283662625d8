import FileSet
import Foundation
import Study
import Runs
import Testing

/// Real sockets on loopback: a tiny comparison.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ComparisonTests {
  private static func withSet<Value>(_ body: (ScannedSet, String) throws -> Value) throws -> Value {
    let root = FileManager.default.temporaryDirectory.path + "/lab-compare-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root + "/set", withIntermediateDirectories: true)
    var generator = SystemRandomNumberGenerator()
    for index in 0..<6 {
      let bytes = [0xFF, 0xD8] + (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(root)/set/\(index).jpg"))
    }
    return try body(try FileScanner.scan(root + "/set"), root)
  }

  private static func results(
    losses: [Double], receivers: Int = 1, trials: Int = 1,
    variants: [CompareVariant] = CompareVariant.allCases
  ) throws -> [CompareResult] {
    try withSet { set, root in
      var plan = ComparePlan(
        set: set, lossFractions: losses, trialCount: trials, receiverCount: receivers, seed: 3,
        workPath: root + "/work")
      plan.waitSeconds = 0.1
      let comparison = Comparison(plan)
      return try plan.runs.filter { variants.contains($0.variant) }.flatMap { try comparison.results(of: $0) }
    }
  }

  @Test func withoutLossAllBringAll() throws {
    let results = try Self.results(losses: [0])
    #expect(results.map(\.variant) == CompareVariant.allCases)
    for result in results {
      #expect(result.imagesWhole == 6 && result.imagesInPlace == 6, "\(result)")
      #expect(result.imagesDamaged == 0 && result.endSeen && result.problem == nil, "\(result)")
      #expect(result.overhead > 0.01 && result.overhead < 0.2, "\(result)")
    }
  }

  @Test func atTenPercentChunkedBringsAllAndNaiveFewer() throws {
    let results = try Self.results(losses: [0.1])
    let naive = try #require(results.first { $0.variant == .naive })
    let chunked = try #require(results.first { $0.variant == .chunked })
    let parity = try #require(results.first { $0.variant == .parity })
    #expect(results.count == 3)
    #expect(naive.imagesWhole < 6 && naive.imagesLost > 0 && naive.inducedDropCount > 0, "\(naive)")
    #expect(chunked.imagesWhole == 6 && chunked.imagesInPlace == 6 && chunked.repairCount > 0, "\(chunked)")
    #expect(chunked.endSeen && chunked.problem == nil, "\(chunked)")
    #expect(parity.imagesWhole == 6 && parity.endSeen && parity.problem == nil, "\(parity)")
  }

  /// A symbol for each ten chunks leaves before a receiver asks, and in a group as many as the loss asks for.
  /// On a busy host one trial can bring as many NACKs with parity as without. So eight trials count together:
  /// of four in ten draws, 13 to 22 NACKs of one receiver without parity (0 to 2 with it), and 32 to 43 of
  /// three (0 to 4).
  @Test(arguments: [1, 3])
  func parityLeavesFewerNacks(receivers: Int) throws {
    let results = try Self.results(
      losses: [0.05], receivers: receivers, trials: 8, variants: [.chunked, .parity])
    let chunked = results.filter { $0.variant == .chunked }
    let parity = results.filter { $0.variant == .parity }
    #expect(parity.count == 8 * receivers && parity.allSatisfy { $0.imagesWhole == 6 }, "\(parity)")
    #expect(parity.allSatisfy { $0.repairCount > 0 })
    let nacks = { (all: [CompareResult]) in all.reduce(0) { $0 + $1.nackCount } }
    #expect(2 * nacks(parity) < nacks(chunked), "\(nacks(parity)) of \(nacks(chunked))")
  }

  /// The sender's last word is lost in some of these trials; a receiver that verified every file needs none.
  @Test func aChunkedReceiverThatHasAllKnowsThatItIsOver() throws {
    try Self.withSet { set, root in
      let plan = ComparePlan(
        set: set, lossFractions: [0.5], trialCount: 12, receiverCount: 1, seed: 1, workPath: root + "/work")
      let comparison = Comparison(plan)
      for run in plan.runs where run.variant == .chunked {
        let result = try #require(try comparison.results(of: run).first)
        #expect(result.imagesWhole < 6 || result.endSeen, "trial \(run.trial): \(result)")
      }
    }
  }

  @Test func theSameSeedLosesTheSameImages() throws {
    let counts = try (0..<2).map { _ in
      try Self.results(losses: [0.05]).first { $0.variant == .naive }.map {
        [$0.imagesWhole, Int($0.inducedDropCount)]
      }
    }
    #expect(counts[0] == counts[1])
  }

  @Test func twoReceiversHaveLossesOfTheirOwn() throws {
    let results = try Self.results(losses: [0.02], receivers: 2)
    #expect(results.count == 6)
    #expect(Set(results.map(\.seed)).count == 2)
    for chunked in results where chunked.variant == .chunked {
      #expect(chunked.imagesWhole == 6, "\(chunked)")
    }
  }

  /// A sender killed in the middle of an image leaves a file that the receiver takes for one.
  @Test func aKilledNaiveSenderLeavesAPartOfAnImage() throws {
    try Self.withSet { set, root in
      try CutStream.run(set, into: root + "/cut")
      let arrivals = Arrivals(of: set, in: root + "/cut", positional: true)
      #expect(arrivals.wholeCount == 3 && arrivals.damagedPaths.count == 1)
      let part = try #require(arrivals.damagedPaths.first)
      let bytes = try #require(FileManager.default.contents(atPath: part))
      #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: root + "/set/3.jpg")).prefix(bytes.count))
      #expect(bytes.count == 20_001)
    }
  }

  /// Before repairs each file has its size, and zeros where chunks were lost.
  @Test func theFirstPassHasHoles() throws {
    try Self.withSet { set, root in
      let plan = ComparePlan(
        set: set, lossFractions: [0.1], trialCount: 1, receiverCount: 1, seed: 3, workPath: root + "/work")
      let comparison = Comparison(plan)
      let run = try #require(plan.runs.first { $0.variant == .chunked })
      let result = try #require(try comparison.results(of: run).first)
      let before = root + "/before"
      let lost = try FirstPass.write(of: set, tracePath: comparison.tracePath(run), into: before)
      #expect(lost.count == 6 && lost.values.contains { $0 > 0 } && result.imagesWhole == 6)
      for index in 0..<6 {
        let sent = try Data(contentsOf: URL(fileURLWithPath: "\(root)/set/\(index).jpg"))
        let held = try Data(contentsOf: URL(fileURLWithPath: "\(before)/\(index).jpg"))
        #expect(held.count == sent.count)
        #expect(zip(sent, held).allSatisfy { $0 == $1 || $1 == 0 })
        #expect((sent == held) == (lost["\(index).jpg"] == 0), "what the sheet says of \(index).jpg")
      }
    }
  }
}
