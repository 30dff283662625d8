import Figures
import FoundationEssentials
import Glibc
import Ground
import Study

/// What a study and a merge print at their end.
enum StudyOutput {
  static func report(in folder: String) -> String {
    "wrote \(folder)/report.html, its plots, trials and summary"
  }

  /// `written` says what lies where.
  static func show(
    _ document: StudyReport.Document, _ trials: [StudyTrial], written: String, output: OutputOptions
  ) {
    if output.json {
      output.printJSON(document)
    } else if !output.quiet {
      let width = TableWidth.columns
      print(StudySummary.table(document.summaries, width: width))
      if !document.agreement.isEmpty { print("\n" + StudyAgreement.table(document.agreement, width: width)) }
    }
    let failed = trials.count { !$0.isComplete }
    if failed > 0 {
      Console.fail(
        "\(failed) of \(trials.count) trials did not bring everything to every receiver; the means leave them out"
      )
    }
    Console(isQuiet: output.quiet).say(written)
  }
}

/// How far a study is, on standard error: a bar on a terminal, a line a trial in a pipe.
struct StudyProgress {
  private let total: Int
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let beganAt = Date()
  private var doneCount = 0

  init(total: Int, isQuiet: Bool) {
    self.total = total
    self.isQuiet = isQuiet
  }

  mutating func finished(_ job: StudyJob, _ trial: StudyTrial) {
    doneCount += 1
    guard !isQuiet else { return }
    let left = Date().timeIntervalSince(beganAt) / Double(doneCount) * Double(total - doneCount)
    let place =
      "\(doneCount) of \(total) · \(HumanText.percent(job.point.lossFraction)) loss, \(HumanText.count(job.point.receiverCount, "receiver", "receivers")), "
      + "\(job.point.mode.rawValue), \(job.point.controller.rawValue), \(job.point.way.rawValue), trial \(job.trial + 1)"
    guard isTerminal else {
      let outcome =
        trial.isComplete ? "\(HumanText.fixed(trial.goodputBitsPerSecond / 1e6, 1)) Mbit/s" : "not complete"
      return StandardStreams.message("\(place): \(outcome)\n")
    }
    let bar = ProgressBar.text(filled: doneCount * 30 / max(1, total), width: 30)
    StandardStreams.message(
      "\r\u{1B}[K\(bar) \(place) · \(HumanText.duration(left)) left", isProgress: true)
  }

  func end() {
    if isTerminal, !isQuiet, doneCount > 0 { StandardStreams.message("\n") }
  }
}
