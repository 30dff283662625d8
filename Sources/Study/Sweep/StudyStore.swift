import Figures
import FoundationEssentials

/// The folder of a study: its plan (`study.json`) and its trials. A trial's line is written as soon as the
/// trial ends, so that a run that is stopped loses none.
package struct StudyStore: Sendable {
  package let folder: String
  private let csvName: String

  package init(folder: String, shard: Shard? = nil) {
    self.folder = folder
    csvName = shard.map { "trials-\($0.number)-of-\($0.count).csv" } ?? "trials.csv"
  }

  /// The file of the trials.
  package var csvPath: String { "\(folder)/\(csvName)" }
  private var planPath: String { folder + "/study.json" }

  /// Begins a study, or goes on with one.
  ///
  /// - Returns: the trials that are there already.
  /// - Throws: when there are some and `resumes` is false, or they are of another study.
  package func open(_ plan: StudyPlan, resumes: Bool) throws(StudyError) -> [StudyTrial] {
    try makeFolder()
    var done: [StudyTrial] = []
    if let text = try? String(contentsOfFile: csvPath, encoding: .utf8), !text.isEmpty {
      guard resumes else {
        throw .file(
          .cannotWrite(
            path: csvPath, reason: "it has results; --resume goes on with them, --into takes another folder"))
      }
      try requireSame(plan)
      done = try StudyCSV.trials(text, path: csvPath)
    } else if FileManager.default.fileExists(atPath: planPath) {
      try requireSame(plan)  // another shard's, in the same folder
    }
    try write(plan)
    // Whole lines only: a last line that was cut off is removed.
    try Self.write(StudyCSV.text(done), to: csvPath)
    return done
  }

  package func append(_ trial: StudyTrial) throws(StudyError) {
    do { try ResultFiles.append(StudyCSV.line(trial) + "\n", to: csvPath) } catch { throw .file(error) }
  }

  /// The plan and every trial of the folder, all shards together.
  package func load() throws(StudyError) -> (plan: StudyPlan, trials: [StudyTrial]) {
    let plan = try loadPlan()
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasPrefix("trials") && $0.hasSuffix(".csv") }.sorted()
    var trials: [StudyTrial] = []
    for name in names {
      let path = "\(folder)/\(name)"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw .badResults(path: path, line: 1, reason: "it cannot be read")
      }
      trials += try StudyCSV.trials(text, path: path)
    }
    return (plan, trials)
  }

  /// Writes all trials at once, in the order of the plan.
  package func write(_ plan: StudyPlan, _ trials: [StudyTrial]) throws(StudyError) {
    try makeFolder()
    try write(plan)
    try Self.write(StudyCSV.text(trials), to: csvPath)
  }

  private func loadPlan() throws(StudyError) -> StudyPlan {
    // If the folder is missing, the error names the folder and not a file in it.
    let data: Data
    do {
      data = try ResultFiles.read(FileManager.default.fileExists(atPath: folder) ? planPath : folder)
    } catch { throw .file(error) }
    guard let plan = try? JSONDecoder().decode(StudyPlan.self, from: data), plan.isPossible else {
      throw .file(
        .cannotRead(path: planPath, reason: "it is not the plan of a study; name another folder"))
    }
    return plan
  }

  private func requireSame(_ plan: StudyPlan) throws(StudyError) {
    if try loadPlan() != plan {
      throw .differentStudies(
        path: planPath, reason: "its sweep, seed, size or path differ from those asked for")
    }
  }

  private func write(_ plan: StudyPlan) throws(StudyError) {
    do { try ResultFiles.writeJSON(plan, to: planPath) } catch { throw .file(error) }
  }

  private func makeFolder() throws(StudyError) {
    do { try ResultFiles.makeFolder(folder) } catch { throw .file(error) }
  }

  private static func write(_ text: String, to path: String) throws(StudyError) {
    do { try ResultFiles.write(text, to: path) } catch { throw .file(error) }
  }
}
