import ArgumentParser
import Check
import Figures
import FileSet
import FoundationEssentials
import Ground

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks a receiver or a sender of your own against Specs: named cases, and a mark.",
    usage: "gallery check --receiver <command> | --sender <command> [<options>]",
    discussion: """
      Each case starts your program anew, plays the other side, and loses, doubles or changes datagrams between \
      them. Your program gets its arguments in place of {port}, {host} and {folder}; it stores into the folder, or \
      sends it. It ends by itself: with 0 when every file arrived, with another exit code when not. A failed case is \
      run again with fewer and fewer changes, until those are left that make it fail. Specs/check.md describes the \
      cases.

      Examples:
        gallery check --list
        gallery check --list --protocol naive
        gallery check --protocol naive --case lost-image --into failures \\
          --receiver 'python3 Tools/student/naive.py receive {port} {folder}'
        gallery check --protocol naive --case images --json > results.json \\
          --sender 'python3 Tools/student/naive.py send {host} {port} {folder}'

      Exit codes: 0 every case passed, 1 a case failed, 2 a file cannot be written, 6 the check cannot run, 64 wrong \
      usage.
      """)

  @Option(help: ArgumentHelp("The receiver under test.", valueName: "command"))
  var receiver: String?
  @Option(help: ArgumentHelp("The sender under test.", valueName: "command"))
  var sender: String?
  @Option(name: .customLong("protocol"), help: "chunked, or naive as a first networking course writes it.")
  var protocolName: TransferProtocol = .chunked
  @Option(help: "unicast (UDP) or tcp.")
  var mode: TransferMode = .unicast
  @Option(help: "minimal: what every program must do; full: all cases.")
  var profile: CheckProfile = .minimal
  @Option(
    name: .customLong("case"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("This case alone; several times for several.", valueName: "name"))
  var cases: [String] = []
  @Flag(help: "List the cases and what each checks.")
  var list = false
  @Option(help: "Seed of the cases with random loss.")
  var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp("How long your program may take for a case; without it 20s.", valueName: "20s"),
    transform: TimeText.read)
  var timeLimit: TimeText?
  @Option(
    help: ArgumentHelp(
      "Write a capture and a trace of each failed case into this folder.", valueName: "folder"))
  var into: String?
  @Flag(help: "Do not search the fewest changes that make a case fail.")
  var noShrink = false
  @Flag(help: "Print results as Gradescope reads them on standard output.")
  var json = false
  @Flag(name: .shortAndLong, help: "Print failed cases only.")
  var quiet = false

  func validate() throws {
    guard list || (receiver == nil) != (sender == nil) else {
      throw ValidationError(
        receiver == nil
          ? "which program? As in --receiver 'python3 mine.py {port} {folder}'"
          : "one side at a time: --receiver or --sender")
    }
    for (option, command, words) in [
      ("--receiver", receiver, ["{port}", "{folder}"]), ("--sender", sender, ["{port}", "{folder}"]),
    ] {
      if let word = words.first(where: { command?.contains($0) == false }) {
        throw ValidationError("\(option): the command has no \(word), so your program cannot know it")
      }
    }
    guard !mode.isGroup else { throw ValidationError("--mode is unicast or tcp here") }
    if mode == .tcp, into != nil {
      throw ValidationError("--into is for UDP: tcpdump captures connections")
    }
    guard timeLimit?.nanoseconds != 0 else { throw ValidationError("--time-limit must be above 0") }
    _ = try chosen()
  }

  private var sides: [CheckedSide] {
    if receiver != nil { return [.receiver] }
    return sender != nil ? [.sender] : CheckedSide.allCases
  }

  /// The cases that the options name. Throws for a name that there is not.
  private func chosen() throws -> [CheckCase] {
    let known = sides.flatMap { CheckCase.all($0, protocolName, mode) }
    for name in cases where !known.contains(where: { $0.name == name }) {
      throw ValidationError("there is no case '\(name)': `gallery check --list` has all")
    }
    return known.filter { cases.isEmpty ? profile.includes($0.profile) : cases.contains($0.name) }
  }

  func run() throws {
    let cases = try chosen()
    guard !list else { return printList(cases) }
    let folder = TemporaryFolder("check")
    defer { folder.remove() }
    let stage = CheckStage(
      CheckStage.Options(
        command: receiver ?? sender ?? "", seed: seed, limitSeconds: timeLimit?.seconds ?? 20,
        // This program itself, also when a new build has taken its place meanwhile.
        galleryPath: "/proc/\(ProcessInfo.processInfo.processIdentifier)/exe",
        scratch: folder.path))
    SignalTrap.install { stage.cancel() }
    let report: CheckReport
    do { report = try judge(cases, stage) } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
    if json {
      print(JSONText.pretty(report.gradescope))
    } else if !quiet || !report.hasPassed {
      print("\(report.passedCount) of \(HumanText.count(report.results.count, "case", "cases")) passed")
    }
    guard report.hasPassed else { throw ExitCode(1) }
  }

  private func judge(_ cases: [CheckCase], _ stage: CheckStage) throws -> CheckReport {
    if let into { try FileManager.default.createDirectory(atPath: into, withIntermediateDirectories: true) }
    var report = CheckReport()
    for one in cases {
      let result = try stage.judge(
        one, shrinks: !noShrink, records: into.map { "\($0)/\(one.name)" })
      report.results.append(result)
      if !json, !quiet || !result.passed { print(result.text) }
    }
    return report
  }

  private func printList(_ cases: [CheckCase]) {
    struct Entry: Encodable {
      let name: String
      let side: CheckedSide
      let profile: CheckProfile
      let section: String
      let sentence: String
    }
    guard !json else {
      let entries = cases.map {
        Entry(name: $0.name, side: $0.side, profile: $0.profile, section: $0.section, sentence: $0.sentence)
      }
      return print(JSONText.pretty(entries))
    }
    for side in sides {
      print("Cases for a \(side.rawValue) (\(protocolName.rawValue) protocol, \(mode.text)):\n")
      for one in cases where one.side == side {
        print("  \(TextColumn.left(one.name, 20))\(TextColumn.left(one.profile.rawValue, 9))\(one.section)")
      }
      print("")
    }
  }
}

extension CheckProfile: WordArgument {}
