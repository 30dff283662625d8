import ArgumentParser
import Keys

struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Makes a key file for transfers without a code to type.",
    discussion: """
      Examples:
        gallery key new room.key                     # copy it to each host by a safe way, with mode 0600
        gallery send photos --to 10.1.1.34 --key room.key
        gallery receive --key room.key
      """,
    subcommands: [KeyNewCommand.self])
}

struct KeyNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Makes a file with a new random key, which only you may read.")

  @Argument(help: ArgumentHelp("The file, which must not be there yet.", valueName: "file"))
  var path: String

  func run() throws {
    do { try KeyFile.make(path) } catch {
      Console.fail(error)
      throw ExitStatus.files.exitCode
    }
  }
}
