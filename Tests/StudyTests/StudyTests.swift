import Figures
import Foundation
import Study
import Testing

@Suite struct StudyTests {
  private static func plan(seed: UInt64 = 5, losses: [Double] = [0, 0.1], trials: Int = 2) -> StudyPlan {
    StudyPlan(
      lossFractions: losses, receiverCounts: [1, 3], trialCount: trials, seed: seed, fileByteCount: 200_000)
  }

  private static func trials(_ plan: StudyPlan, _ jobs: [StudyJob]? = nil) throws -> [StudyTrial] {
    try (jobs ?? plan.jobs).map { try StudyRunner(plan, workPath: "").trial($0) }
  }

  private static func withFolder<Value>(_ body: (String) throws -> Value) rethrows -> Value {
    let folder = FileManager.default.temporaryDirectory.path + "/lab-study-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  @Test func aSimulatedSweepRepeatsExactly() throws {
    let first = try Self.trials(Self.plan())
    #expect(first == (try Self.trials(Self.plan())))
    #expect(first.count == 8 && first.allSatisfy { $0.isComplete && $0.traceDigest != 0 })
    let other = try Self.trials(Self.plan(seed: 6))
    // Without loss nothing is left to chance for one receiver.
    for (one, another) in zip(first, other) where one.point.lossFraction > 0 {
      #expect(one.traceDigest != another.traceDigest)
    }
  }

  /// A trial is the same in whatever sweep it stands.
  @Test func aWiderSweepRepeatsTheNarrower() throws {
    let narrow = try Self.trials(Self.plan(losses: [0.1], trials: 1))
    let wide = try Self.trials(Self.plan())
    #expect(narrow.count == 2 && narrow.allSatisfy { wide.contains($0) })
  }

  @Test func repairsFollowTheModel() throws {
    var plan = Self.plan(losses: [0.1], trials: 5)
    plan.fileByteCount = 2_000_000
    for summary in StudySummary.all(plan, try Self.trials(plan)) {
      #expect(summary.completeCount == 5)
      let ratio = try summary.repairsPerChunk.mean / #require(summary.expectedRepairsPerChunk)
      #expect(ratio > 0.85 && ratio < 1.3, "\(summary)")
    }
  }

  @Test func resultsReadBackEqual() throws {
    let trials = try Self.trials(Self.plan())
    let text = ([StudyCSV.head] + trials.map(StudyCSV.line)).joined(separator: "\n") + "\n"
    #expect(try StudyCSV.trials(text, path: "x") == trials)
    #expect(try StudyCSV.trials(String(text.dropLast()), path: "x") == Array(trials.dropLast()), "cut off")
    #expect(try StudyCSV.trials("", path: "x").isEmpty)
  }

  @Test(arguments: [
    "loss\n", "\(StudyCSV.head)\n1,2,3\n",
    "\(StudyCSV.head)\nsimulated,unicast,1500,2.0,1,model,0,1,1,1,1,1,1,1,1,1,1,1\n",
    "\(StudyCSV.head)\nsimulated,unicast,9,0.0,1,model,0,1,1,1,1,1,1,1,1,1,1,1\n",
  ])
  func foreignResultsAreRefused(text: String) {
    #expect(throws: StudyError.self) { try StudyCSV.trials(text, path: "x") }
  }

  /// A folder that is not there is said to be missing, and a file that is no plan is named.
  @Test func aFolderWithoutAStudyIsNamed() throws {
    try Self.withFolder { folder in
      #expect(throws: StudyError.file(.cannotRead(path: folder, reason: "No such file or directory"))) {
        _ = try StudyStore(folder: folder).load()
      }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let error = #expect(throws: StudyError.self) { _ = try StudyStore(folder: folder).load() }
      #expect(error?.description.hasPrefix("cannot read \(folder)/study.json: No such file") == true)
    }
  }

  @Test func aFileInTheFoldersPlaceIsOneLine() throws {
    try Self.withFolder { path in
      try Data().write(to: URL(fileURLWithPath: path))
      #expect(throws: StudyError.file(.cannotWrite(path: path, reason: "it is a file; name a folder"))) {
        _ = try StudyStore(folder: path).open(Self.plan(), resumes: false)
      }
    }
  }

  @Test func theTableFitsThePage() throws {
    let plan = Self.plan()
    let table = StudySummary.table(StudySummary.all(plan, try Self.trials(plan)), width: 100)
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(table)")
    #expect(table.contains("In all rows: MTU 1500, controller model"))
  }

  @Test(arguments: [
    ("1/1", true), ("3/16", true), ("0/4", false), ("5/4", false), ("4", false), ("a/b", false),
    ("1/2/3", false),
  ])
  func shardTexts(text: String, isValid: Bool) { #expect((Shard(text) != nil) == isValid) }

  @Test func shardsHaveEachJobOnce() {
    let plan = Self.plan(trials: 5)
    let parts = (1...3).map { plan.jobs(of: Shard("\($0)/3")) }
    #expect(parts.reduce(0) { $0 + $1.count } == plan.jobs.count)
    #expect(Set(parts.joined()) == Set(plan.jobs))
  }

  @Test func mergedShardsAreTheWhole() throws {
    let plan = Self.plan()
    let whole = try Self.trials(plan)
    let parts = try (1...3).map { number in
      (path: "\(number)", plan: plan, trials: try Self.trials(plan, plan.jobs(of: Shard("\(number)/3"))))
    }
    let merged = try StudyMerge.merge(parts.reversed())
    #expect(merged.trials == whole && merged.missingCount == 0 && merged.duplicateCount == 0)
    let some = try StudyMerge.merge([parts[0], parts[1], parts[0]])
    #expect(some.missingCount == parts[2].trials.count && some.duplicateCount == parts[0].trials.count)
  }

  @Test func partsOfDifferentStudiesDoNotMerge() throws {
    let one = (path: "a", plan: Self.plan(), trials: [StudyTrial]())
    let other = (path: "b", plan: Self.plan(seed: 6), trials: [StudyTrial]())
    #expect(throws: StudyError.self) { try StudyMerge.merge([one, other]) }
    let trials = try Self.trials(one.plan, Array(one.plan.jobs.prefix(1)))
    var changed = trials
    changed[0].repairCount += 1
    #expect(throws: StudyError.self) {
      try StudyMerge.merge([("a", one.plan, trials), ("b", one.plan, changed)])
    }
  }

  @Test func aFolderResumesWhereItWas() throws {
    try Self.withFolder { folder in
      let plan = Self.plan()
      let trials = try Self.trials(plan)
      let store = StudyStore(folder: folder)
      #expect(try store.open(plan, resumes: false).isEmpty)
      for trial in trials.prefix(3) { try store.append(trial) }
      #expect(throws: StudyError.self) { try store.open(plan, resumes: false) }
      #expect(throws: StudyError.self) { try store.open(Self.plan(seed: 9), resumes: true) }
      #expect(try store.open(plan, resumes: true) == Array(trials.prefix(3)))
      try store.append(trials[3])
      let (loadedPlan, loaded) = try store.load()
      #expect(loadedPlan == plan && loaded == Array(trials.prefix(4)))
    }
  }

  @Test func theReportStandsAlone() throws {
    try Self.withFolder { folder in
      let plan = Self.plan()
      _ = try StudyStore(folder: folder).open(plan, resumes: false)
      let timelines = try StudyTimeline.write(
        plan, lossFraction: 0.08, runner: StudyRunner(plan, workPath: ""), into: folder)
      _ = try StudyReport.write(
        plan, try Self.trials(plan), timelines: timelines,
        provenance: Provenance(command: "gallery study --path 'a<b'", version: "gallery 0", seed: 1),
        into: folder
      )
      let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
      // Four values against the loss and against the receivers, and one trial over time.
      #expect(page.components(separatedBy: "<svg").count == 10)
      #expect(timelines.count == 1 && timelines[0].caption.contains("10 % loss"), "the nearest of the sweep")
      #expect(page.contains("a&lt;b") && !page.contains("<?xml") && !page.contains("src="))
      let values = ["goodput", "repairs", "nacks", "seconds"]
      for name in values + values.map({ $0 + "-receivers" }) + ["timeline-simulated"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name).png"))
      }
    }
  }
}
