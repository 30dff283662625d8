package import ArgumentParser
import Glibc
import Network

package struct Gallery: ParsableCommand {
  static let name = "gallery"

  package static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Sends a directory of images to one host or to a room full of hosts, and shows them there.",
    discussion: """
      A transfer in two commands, first the receiver, then the sender:

        gallery show                     (or: gallery receive --into inbox)
        gallery send images/large --to 10.1.1.34

      Exit codes:
          0  every receiver verified every file; where receivers do not answer
             (--one-way, --protocol naive): everything was sent
          2  a file or folder could not be read, or could not be stored; a table or a
             report that was asked for could not be printed
          3  a receiver did not get every file, or did not confirm it; or a file was left
             out of the set
          4  a file arrived damaged
          5  nobody was listening
          6  network: port in use, host unknown, no sender came within --wait
          7  there is no display to open a window on
          8  the accounting of the run does not balance: its numbers cannot be trusted
          9  the other side has another code or key, or one of both has none
         64  wrong usage
        130  ended by the user (Ctrl-C, or a terminal that was closed)
      """,
    version: "gallery 0.1 (chunked protocol: UDP version 2, TCP version 2)",
    subcommands: [
      SendCommand.self, ReceiveCommand.self, ShowCommand.self, ViewCommand.self, CompareCommand.self,
      StudyCommand.self, AccountCommand.self, TraceCommand.self, ImpairCommand.self, ImpairmentsCommand.self,
      CheckCommand.self, DoctorCommand.self, KeyCommand.self,
    ])

  package init() {}

  /// As ArgumentParser's own, with streams that cannot fail.
  package static func main() {
    StandardStreams.prepare()
    let code = answer(KeyOptions.completed(Array(CommandLine.arguments.dropFirst())))
    StandardStreams.drain()
    Glibc.exit(code)
  }

  private static func answer(_ words: [String]) -> Int32 {
    if words == ["--version"] { return printed(configuration.version) }
    do {
      var command = try NamedCommand.parse(words) ?? wholeParse(words)
      return run(&command)
    } catch { return report(error) }
  }

  /// By the parser of the whole program: any command, help, and the words for each mistake.
  package static func wholeParse(_ words: [String]) throws -> any ParsableCommand {
    try CommandSuggestion.check(words)
    return try parseAsRoot(words)
  }

  private static func run(_ command: inout any ParsableCommand) -> Int32 {
    var code: Int32 = 0
    do { try command.run() } catch { code = report(error) }
    StandardStreams.finishEvents()
    guard let failure = StandardStreams.productFailure else { return code }
    Console.fail("cannot write to standard output: \(String(errnoCode: failure)); send it somewhere else")
    // A transfer's code says what became of the files; what it prints is by the way.
    let isTransfer = command is SendCommand || command is ReceiveCommand || command is ShowCommand
    return isTransfer || code != 0 ? code : ExitStatus.files.rawValue
  }

  /// Says what is wrong, or the help that was asked for. The exit code.
  private static func report(_ error: any Error) -> Int32 {
    // The parser names the command that `study` stands for; nobody writes it.
    let text = fullMessage(for: error).replacing("gallery study run", with: "gallery study")
    let code = exitCode(for: error)
    guard !text.isEmpty else { return code.rawValue }
    if code != .success {
      StandardStreams.message(text + "\n")
      return code.rawValue
    }
    return printed(text)
  }

  /// Prints what the command was run for. The exit code.
  private static func printed(_ text: String) -> Int32 {
    print(text)
    return StandardStreams.productFailure == nil ? ExitStatus.whole.rawValue : ExitStatus.files.rawValue
  }
}
