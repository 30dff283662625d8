import ArgumentParser
import Keys

struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Makes key files: to encrypt without a code to type, and to sign.",
    discussion: """
      Examples:
        gallery key new room.key                     # copy it to each host by a safe way, with mode 0600
        gallery send photos --to 10.1.1.34 --key room.key
        gallery receive --key room.key
        gallery key new --sign my.sign               # and my.sign.pub, which receivers trust
        gallery send photos --to 10.1.1.34 --sign my.sign
        gallery receive --trust my.sign.pub
      """,
    subcommands: [KeyNewCommand.self])
}

struct KeyNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Makes a file with a new random key, which only you may read.")

  @Argument(help: ArgumentHelp("The file, which must not be there yet.", valueName: "file"))
  var path: String
  @Flag(help: "A key to sign with, and beside it the file FILE.pub, which receivers trust.")
  var sign = false

  func run() throws {
    do {
      guard sign else { return try KeyFile.make(path) }
      let key = try SigningKey.make(path)
      print("wrote \(path) and \(path).pub; the key has the fingerprint \(key.fingerprint)")
    } catch {
      Console.fail(error)
      throw ExitStatus.files.exitCode
    }
  }
}
