import ArgumentParser
import Figures
import Study

struct StudyMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Joins the parts of a study that shards ran.",
    discussion: """
      Example, with GNU parallel on one machine (the parts may as well come from a cluster's):
        parallel gallery study --simulated --shard {}/4 --into part-{} ::: 1 2 3 4
        gallery study merge part-* --into study
      """,
    helpNames: [.short, .long])

  @Argument(help: "Folders of the parts.")
  var parts: [String]
  @Option(help: ArgumentHelp("Where results, plots and report.html go.", valueName: "dir"))
  var into: String
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !parts.isEmpty else { throw ValidationError("which parts? Name their folders") }
  }

  func run() throws {
    do {
      let loaded = try parts.map { path in
        let (plan, trials) = try StudyStore(folder: path).load()
        return (path: path, plan: plan, trials: trials)
      }
      let merged = try StudyMerge.merge(loaded)
      try StudyStore(folder: into).write(merged.plan, merged.trials)
      let document = try StudyReport.write(
        merged.plan, merged.trials, provenance: .ofThisCommand(seed: merged.plan.seed), into: into)
      StudyOutput.show(
        document, merged.trials, written: StudyOutput.report(in: into), output: output)
      let console = Console(isQuiet: output.quiet)
      if merged.duplicateCount > 0 {
        console.say(
          "\(HumanText.count(merged.duplicateCount, "trial is", "trials are")) in more than one part: the first counts"
        )
      }
      guard merged.missingCount == 0 else {
        Console.fail(
          "\(merged.missingCount) of \(HumanText.count(merged.plan.jobs.count, "trial is", "trials are")) missing: run their shards, with --resume"
        )
        throw ExitStatus.partial.exitCode
      }
    } catch let error as ExitCode { throw error } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }
}
