import ArgumentParser
import Testing

import gallery

/// The parser of one command reads a line as the parser of the whole program does, or leaves the line to it.
struct NamedCommandTests {
  @Test(arguments: [
    "send images", "send images --to 10.1.1.34",
    "send a b --to 10.1.1.34:7 --to 10.1.1.35 --rate=100Mbit --all --recursive -q --json",
    "send --mode multicast --to 224.1.1.5 --receivers 3 --ttl 2 --parity off -- -odd-name",
    "send images --to 10.1.1.34 --drop 5% --seed 7 --wait 3s",
    "send images --protocol naive --to 10.1.1.34 --pause 5ms",
    "receive", "receive --mode tcp --bind 127.0.0.1 --port 0 --keep --into there --json-lines",
    "show --interval 2s --full-screen --close", "show --screenshot picture.png",
    "view inbox --screenshot picture.png --index 3", "view inbox other --contact-sheet sheet.png",
    "compare images --loss 0,1,5", "account images --receivers 3", "trace run.qlog", "impairments",
    "doctor --mode multicast --group 224.1.1.5",
  ])
  func readsAsTheWholeParser(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    let named = try #require(NamedCommand.parse(words))
    #expect(Self.text(named) == Self.text(try Gallery.wholeParse(words)))
  }

  @Test(arguments: [
    "", "--help", "-h", "help", "help send", "sned images", "version", "study images", "study merge a b",
    "study --help", "send", "send --help", "send -h", "send images --to", "send --version",
    "send images --room attic --to 10.1.1.34",
    "send images --to 10.1.1.34 --no-such-option", "send images --to 10.1.1.34 --port x", "help nothing",
    "send images --to 10.1.1.34 --ttl 3", "receive here", "receive --json --json-lines", "show --help",
    "show --close --keep", "view --index 1 inbox", "view", "--generate-completion-script bash",
    "send --generate-completion-script bash",
  ])
  func leavesOtherLines(_ line: String) {
    let command = NamedCommand.parse(line.split(separator: " ").map(String.init))
    #expect(command == nil)
  }

  /// All that a command was told: its type and the values of its options.
  private static func text(_ command: any ParsableCommand) -> String {
    var text = ""
    dump(command, to: &text)
    return text
  }
}
