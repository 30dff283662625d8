import ArgumentParser
import Figures
import Ground
import Study

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Sweeps loss, receivers, mode, controller and datagram size, and shows what repair costs.",
    subcommands: [StudyRunCommand.self, StudyMergeCommand.self], defaultSubcommand: StudyRunCommand.self,
    // So that `gallery study --help` shows what a run takes: nobody writes `study run`.
    helpNames: [])
}

struct StudyRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Sweeps loss, receivers, mode, controller and datagram size, and shows what repair costs.",
    usage: "gallery study [<options>]",
    discussion: """
      Each trial sends one file by the chunked protocol: simulated in virtual time (--simulated: the same seed gives the \
      same results to the last datagram), or with real sockets on loopback. The path (--path) and the losses are induced \
      in both alike, and --against-simulation holds one against the other.

      Unicast serves several receivers one after the other. Broadcast and multicast are the same network in the simulator. \
      TCP runs with real sockets, and at no loss only: below TCP nothing can be induced. Without --parity all trials repair \
      by chunks, so that groups show what one loss costs; --mtu sweeps the size of a chunk.

      Examples:
        gallery study --simulated --loss 0:30:5 --receivers 1,3,10 --into study
        gallery study --loss 0:20:5 --trials 5 --into study-real
        gallery study --simulated --loss 0,10 --receivers 3 --mode unicast,multicast
        gallery study --simulated --loss 5 --controller model,aimd --mtu 1500,9000
        gallery study --simulated --loss 1,5,10 --receivers 10,100 --parity off,64,200
        gallery study --receivers 1 --trials 31 --size 6000000 --against-simulation
        gallery study --simulated --receivers 3 --impair 'r3 out: 40%'
        gallery study --simulated --loss 0:30:1 --shard 3/16 --resume --into part-3
        gallery study merge part-* --into whole      # see gallery study merge --help
      """,
    helpNames: [.short, .long])

  @Option(help: ArgumentHelp("Loss in percent: first:last:step, or a list.", valueName: "0:30:5"))
  var loss = LossList(percent: [0, 5, 10, 15, 20, 25, 30])
  @Option(help: ArgumentHelp("Sizes of the group of receivers.", valueName: "1,3,10"))
  var receivers = CountList(counts: [1, 3, 10])
  @Option(help: ArgumentHelp("Rate controllers: model, aimd, or both.", valueName: "model,aimd"))
  var controller = "model"
  @Option(
    help: ArgumentHelp(
      "Modes: unicast, broadcast, multicast, tcp. Without it, unicast to one receiver and multicast to several.",
      valueName: "unicast,multicast"))
  var mode: String?
  @Option(help: ArgumentHelp("Bytes of an IP packet, and so the chunk's size.", valueName: "1500,9000"))
  var mtu = CountList(counts: [StudyPlan.defaultMtuByteCount])
  @Option(
    help: ArgumentHelp(
      "How groups repair: off, or the chunks of a block of parity (1 to 200), its stride behind an x, and behind a + how much parity leaves unasked.",
      valueName: "off,64,200x8,64+5%"))
  var parity = ParityList(parities: [.off])
  @Option(help: "Independent trials at each point.")
  var trials = 10
  @Flag(help: "In virtual time instead of real sockets.")
  var simulated = false
  @Flag(help: "Both, at the same losses: medians of real and simulated trials beside each other.")
  var againstSimulation = false
  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 1
  @Option(help: "Bytes of the file that is sent.")
  var size = 2_000_000
  @Option(help: ArgumentHelp("The path to each receiver, as --impair takes it.", valueName: "text"))
  var path = StudyPlan.defaultPath
  @Option(
    help: ArgumentHelp(
      "For single receivers or directions, as the sender sees them, in the place of the path's and the sweep's: 'r2 out: 20%', 'in: loss 0; delay 30ms', 'r1: wifi'. More than once, if need be.",
      valueName: "text"))
  var impair: [String] = []
  @Option(
    help: ArgumentHelp(
      "Draw a trial over time at this loss (datagrams by kind, rate, RTT); without it, the middle of the sweep.",
      valueName: "percent"))
  var timeline: LossList?
  @Option(
    help: ArgumentHelp(
      "Run this part only: job k belongs to part k modulo n. It writes its trials; `study merge` draws the plots.",
      valueName: "i/n"))
  var shard: String?
  @Flag(help: "Go on with the results that are there.")
  var resume = false
  @Option(help: ArgumentHelp("Where results, plots and report.html go.", valueName: "dir"))
  var into = "study"
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard StudyPlan.trialCounts.contains(trials) else {
      throw ValidationError("--trials must be 1 to \(StudyPlan.trialCounts.upperBound)")
    }
    guard StudyPlan.fileByteCounts.contains(size) else {
      throw ValidationError("--size must be 1 to \(StudyPlan.fileByteCounts.upperBound) bytes")
    }
    guard !(simulated && againstSimulation) else {
      throw ValidationError("--simulated and --against-simulation: one of the two")
    }
    guard mtu.counts.allSatisfy({ StudyPlan.mtuByteCounts.contains($0) }) else {
      throw ValidationError(
        "--mtu is \(StudyPlan.mtuByteCounts.lowerBound) to \(StudyPlan.mtuByteCounts.upperBound) bytes")
    }
    let most = simulated ? StudyPlan.receiverCountLimit : 32
    guard receivers.counts.allSatisfy({ $0 <= most }) else {
      throw ValidationError(
        "--receivers go up to \(most)" + (simulated ? "" : " here: they all run on this machine"))
    }
    if let shard, Shard(shard) == nil { throw ValidationError("--shard is part/parts, as in 3/16") }
    guard shard == nil || timeline == nil else {
      throw ValidationError("--timeline: a shard draws nothing; leave it out")
    }
    let plan = try plan()
    guard !plan.points.isEmpty else {
      throw ValidationError("nothing to run: tcp takes real sockets (no --simulated) and a loss of 0")
    }
    if let loss = timeline?.fractions.first, !plan.lossFractions.contains(loss) {
      throw ValidationError(
        "--timeline \(HumanText.percent(loss)) is not among the losses of the sweep: \(plan.lossFractions.map(HumanText.percent).joined(separator: ", "))"
      )
    }
    do { try plan.validate() } catch { throw ValidationError("\(error)") }
    if let timeline, timeline.fractions.count != 1 || !plan.lossFractions.contains(timeline.fractions[0]) {
      let swept = plan.lossFractions.map { HumanText.percent($0) }.joined(separator: ", ")
      throw ValidationError("--timeline takes one loss of the sweep: \(swept)")
    }
  }

  /// The values of an option that lists names.
  private func values<Value: CaseIterable & Equatable & RawRepresentable<String>>(
    _ option: String, _ text: String?
  ) throws -> [Value] {
    var values: [Value] = []
    for name in (text ?? "").split(separator: ",") {
      guard let value = Value(rawValue: String(name)) else {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(option) knows \(known), not \(name)")
      }
      if !values.contains(value) { values.append(value) }
    }
    return values
  }

  private func plan() throws -> StudyPlan {
    let controllers: [StudyController] = try values("--controller", controller)
    return StudyPlan(
      lossFractions: loss.fractions, receiverCounts: receivers.counts, controllers: controllers,
      modes: try values("--mode", mode), mtuByteCounts: mtu.counts, parities: parity.parities,
      ways: simulated ? [.simulated] : againstSimulation ? [.simulated, .real] : [.real],
      trialCount: trials, seed: seed, fileByteCount: size, path: path, impairments: impair)
  }

  func run() throws {
    do {
      let plan = try plan()
      let part = shard.flatMap(Shard.init)
      let store = StudyStore(folder: into, shard: part)
      var done = try store.open(plan, resumes: resume)
      let known = Set(done.map(\.job))
      let jobs = plan.jobs(of: part).filter { !known.contains($0) }
      let work = TemporaryFolder("study")
      defer { work.remove() }
      let runner = StudyRunner(plan, workPath: work.path)
      var progress = StudyProgress(total: jobs.count, isQuiet: output.quiet)
      for job in jobs {
        let trial = try runner.trial(job)
        try store.append(trial)
        done.append(trial)
        progress.finished(job, trial)
      }
      progress.end()
      guard part == nil else {
        let document = StudyReport.Document(plan, done, provenance: .ofThisCommand(seed: plan.seed))
        try document.provenance.write(into: into)
        return StudyOutput.show(
          document, done,
          written: "wrote \(store.csvPath); `gallery study merge` joins the shards and draws the plots",
          output: output)
      }
      let middle = plan.lossFractions[plan.lossFractions.count / 2]
      let timelines = try StudyTimeline.write(
        plan, lossFraction: timeline?.fractions.first ?? middle, runner: runner, into: into)
      let document = try StudyReport.write(
        plan, done, timelines: timelines, provenance: .ofThisCommand(seed: plan.seed), into: into)
      StudyOutput.show(document, done, written: StudyOutput.report(in: into), output: output)
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }
}
