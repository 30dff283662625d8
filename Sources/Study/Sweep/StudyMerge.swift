import Figures

/// Joins the parts of a study.
package enum StudyMerge {
  package struct Merged: Sendable {
    package var plan: StudyPlan
    /// In the order of the plan.
    package var trials: [StudyTrial]
    /// Trials that no part has.
    package var missingCount: Int
    /// Trials that more than one part has; the first counts.
    package var duplicateCount: Int
  }

  /// - Throws: when the parts are of different studies, or disagree about a simulated trial, which cannot be.
  package static func merge(_ parts: [(path: String, plan: StudyPlan, trials: [StudyTrial])])
    throws(StudyError)
    -> Merged
  {
    guard let first = parts.first else {
      throw .badResults(path: "merge", line: 0, reason: "no folders given")
    }
    var found: [StudyJob: StudyTrial] = [:]
    var duplicates = 0
    for part in parts {
      guard part.plan == first.plan else {
        throw .differentStudies(path: part.path, reason: "its plan differs from that of \(first.path)")
      }
      for trial in part.trials {
        guard let known = found[trial.job] else {
          found[trial.job] = trial
          continue
        }
        duplicates += 1
        if trial.point.way == .simulated, known != trial {
          throw .differentStudies(
            path: part.path,
            reason:
              "trial \(trial.trial) at \(HumanText.percent(trial.point.lossFraction)) differs from that of another part"
          )
        }
      }
    }
    let trials = first.plan.jobs.compactMap { found[$0] }
    return Merged(
      plan: first.plan, trials: trials, missingCount: first.plan.jobs.count - trials.count,
      duplicateCount: duplicates)
  }
}
