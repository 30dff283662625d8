package import ArgumentParser

/// The parser of one command. The parser of the whole program tries the options of all commands on each line,
/// which takes most of a small transfer's start.
///
/// The commands of transfers have `_superCommandName` in their configuration: then the parser does not read
/// each line as a request for a completion script first. That saves a twentieth of a start. The parser of
/// the whole program answers such a request.
package enum NamedCommand {
  /// The command that the first word names, ready to run.
  ///
  /// Nil for a line that this command alone does not take: help, a mistake, or a command with further ones.
  /// The parser of the whole program answers these.
  package static func parse(_ words: [String]) -> (any ParsableCommand)? {
    guard let name = words.first,
      let type = Gallery.configuration.subcommands.first(where: { $0._commandName == name }),
      type.configuration.subcommands.isEmpty,
      let command = try? type.parseAsRoot(Array(words.dropFirst())),
      Swift.type(of: command) == type  // and not the one that prints the help
    else { return nil }
    return command
  }
}
