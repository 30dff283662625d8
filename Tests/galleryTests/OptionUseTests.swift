import ArgumentParser
import Testing

import gallery

/// Each option of a transfer with each protocol and mode, by the program's own parser: used, or refused by
/// name. What is expected is written here once more, by hand.
@Suite(.sideBySide) struct OptionUseTests {
  private static let protocols = ["chunked", "naive"]
  private static let modes = ["unicast", "broadcast", "multicast", "tcp"]

  struct Row: Sendable {
    let option: String
    /// What the option goes with, everywhere.
    let beside: String
    /// The chunked protocol's modes, then the naive one's: the mode's first letter where the option is used.
    let cells: [String]

    init(_ option: String, _ used: String, beside: String = "") {
      self.option = option
      self.beside = beside
      cells = used.split(separator: " ").flatMap { $0.map { String($0) } }
    }

    var name: String { String(option.prefix { $0 != " " }) }

    func isUsed(_ protocolName: String, _ mode: String) -> Bool {
      let place = OptionUseTests.modes.firstIndex(of: mode) ?? 0
      return cells[place + (protocolName == "naive" ? 4 : 0)] == String(mode.prefix(1))
    }
  }

  private static let impairing = [
    Row("--drop 5%", "ubm. ubm."),
    Row("--impair 5%", "ubm. ubm."),
    Row("--seed 7", "ubm. ubm.", beside: "--drop 5%"),
    Row("--trace run.qlog", "ubm. ...."),
    Row("--pcap run.pcap", "ubm. ...."),
    Row("--drop-trace run.csv", "ubm. ...."),
  ]
  private static let printing = [
    Row("--account", "ubmt ubmt"), Row("--json", "ubmt ubmt"), Row("--json-lines", "ubmt ubmt"),
    Row("--quiet", "ubmt ubmt"),
  ]
  private static let send =
    [
      Row("--port 4000", "ubmt ubmt"),
      Row("--room attic", ".... ...."),
      Row("--interface eth1", "ubmt ubmt"),
      Row("--ttl 3", "..m. ..m."),
      Row("--receivers 2", ".bm. ...."),
      Row("--parity off", ".bm. ...."),
      Row("--parity 5%", "ubm. ...."),
      Row("--parity off", "ubm. ....", beside: "--one-way"),
      Row("--straggler wait", ".bm. ...."),
      Row("--behind 3s", ".bm. ....", beside: "--straggler drop"),
      Row("--one-way", "ubm. ...."),
      Row("--rounds 3", "ubm. ....", beside: "--one-way"),
      Row("--wait 1s", "ubmt ubm."),
      Row("--mtu 1500", "ubm. ...."),
      Row("--rate 1Mbit", "ubm. ...."),
      Row("--controller aimd", "ubm. ...."),
      Row("--code bado-kilu-mefa-nopi-rusa-tegi", "ubmt ...."),
      Row("--key room.key", "ubmt ...."),
      Row("--sign my.sign", "ubm. ...."),
      Row("--all", "ubmt ubmt"),
      Row("--recursive", "ubmt ubmt"),
      Row("--pause 5ms", ".... ubmt"),
      Row("--window", "ubm. ...."),
      Row("--screenshot board.png", "ubm. ...."),
    ] + impairing + printing
  private static let receive =
    [
      // A group's receiver is bound to the group's address.
      Row("--bind 127.0.0.1", "ub.t ub.t"),
      Row("--port 0", "ubmt ubmt"),
      Row("--name radish", "ubmt ...."),
      Row("--room attic", ".... ...."),
      Row("--ready-file port", "ubmt ubmt"),
      Row("--group 224.1.1.5", "..m. ..m."),
      Row("--interface eth1", "ubmt ubmt"),
      Row("--into inbox", "ubmt ubmt"),
      Row("--overwrite", "ubmt ubmt"),
      Row("--idle-timeout 1s", "ubmt ubmt"),
      Row("--wait 1s", "ubmt ubmt"),
      Row("--keep", "ubmt ubmt"),
      Row("--no-resume", "ubmt ...."),
      Row("--code bado-kilu-mefa-nopi-rusa-tegi", "ubmt ...."),
      Row("--key room.key", "ubmt ...."),
      Row("--trust senders.pub", "ubm. ...."),
      Row("--verify", "ubmt ...."),
    ] + impairing + printing
  private static let show =
    receive + [
      Row("--interval 1s", "ubmt ubmt"), Row("--full-screen", "ubmt ubmt"), Row("--close", "ubmt ubmt"),
      Row("--screenshot picture.png", "ubmt ubmt"),
      Row("--as grid", "ubmt ubmt"), Row("--cache 100MB", "ubmt ubmt"), Row("--shuffle", "ubmt ubmt"),
      Row("--theme light", "ubmt ubmt"), Row("--text-size 150%", "ubmt ubmt"), Row("--terminal", "ubmt ubmt"),
    ]

  static let tables: [(command: String, rows: [Row])] = [
    ("send", send), ("receive", receive), ("show", show),
  ]

  /// The command line without the option.
  private func words(_ command: String, _ protocolName: String, _ mode: String, but option: String)
    -> [String]
  {
    var words = [command, "--protocol", protocolName, "--mode", mode]
    if command == "send" {
      let hosts = ["broadcast": "255.255.255.255", "multicast": "224.1.1.5"]
      words += ["images", "--to", hosts[mode] ?? "10.1.1.34"]
    } else if mode == "multicast", option != "--group" {
      words += ["--group", "224.1.1.5"]
    }
    return words
  }

  @Test(arguments: tables)
  func everyOptionIsUsedOrRefusedByName(command: String, rows: [Row]) throws {
    let columns = Self.protocols.flatMap { name in Self.modes.map { (name, $0) } }
    var lines = ["| \(command) | " + columns.map { "\($0) \($1)" }.joined(separator: " | ") + " |"]
    lines.append("| --- |" + String(repeating: " --- |", count: columns.count))
    for row in rows {
      var cells: [String] = []
      for (protocolName, mode) in columns {
        let refusal = refusal(
          words(command, protocolName, mode, but: row.name)
            + row.option.split(separator: " ").map(String.init)
            + row.beside.split(separator: " ").map(String.init))
        cells.append(refusal == nil ? "used" : "refused")
        let place = "\(command) \(row.option), \(protocolName) \(mode): \(refusal?.text ?? "used")"
        #expect((refusal == nil) == row.isUsed(protocolName, mode), "\(place)")
        guard let refusal else { continue }
        #expect(refusal.code == 64, "\(place)")
        #expect(refusal.text.hasPrefix("\(row.name) ") && !refusal.text.contains("\n"), "\(place)")
        #expect(refusal.text.contains(": leave it out, or choose "), "\(place)")
      }
      lines.append("| `\(row.name)` | " + cells.joined(separator: " | ") + " |")
    }
    print(lines.joined(separator: "\n"))
  }

  private func refusal(_ words: [String]) -> (code: Int32, text: String)? {
    do {
      _ = try Gallery.parseAsRoot(words)
      return nil
    } catch { return (Gallery.exitCode(for: error).rawValue, Gallery.message(for: error)) }
  }

  /// No option that the help names is left out of the table.
  @Test(arguments: tables)
  func theTableHasEveryOption(command: String, rows: [Row]) throws {
    let help = Gallery.helpMessage(
      for: try #require(
        Gallery.configuration.subcommands.first {
          $0.configuration.commandName == command
        }))
    let named = help.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^  (?:-., )?(--[a-z-]+)/).map { String($0.1) }
    }
    let axes: Set = ["--protocol", "--mode", "--to", "--version", "--help"]
    #expect(Set(named).subtracting(axes) == Set(rows.map(\.name)))
  }

  /// What an option's value or another option makes idle.
  @Test(arguments: [
    ("send x --to h --protocol naive --drop in:5%", "a naive sender hears nothing"),
    ("receive --protocol naive --drop out:5%", "a naive receiver sends nothing"),
    ("send x --to h --rounds 3", "--rounds is for --one-way"),
    (
      "send x --to 224.1.1.5 --mode multicast --one-way --receivers 3",
      "--receivers does nothing with --one-way"
    ),
    ("send x --to h --one-way --wait 3s", "--wait does nothing with --one-way"),
    ("send x --to h --one-way --controller aimd", "--controller does nothing with --one-way"),
    ("send x --to 224.1.1.5 --mode multicast --behind 3s", "--behind is for --straggler drop"),
    (
      "send x --to 224.1.1.5 --mode multicast --straggler wait --behind 3s",
      "--behind is for --straggler drop"
    ),
    (
      "send x --to 224.1.1.5 --mode multicast --one-way --straggler drop",
      "--straggler does nothing with --one-way"
    ),
    ("send x --to h --one-way --drop in:5%", "a one-way sender hears nothing"),
    ("send x --to h --seed 7", "--seed is for --drop and --impair"),
    ("receive --seed 7", "--seed is for --drop and --impair"),
    ("send x --to h --json --json-lines", "--json and --json-lines: choose one"),
    ("send x --to h --key k --code new", "--code and --key: choose one"),
    ("show --screenshot a.png --interval 2s", "--interval is for the window"),
    ("show --screenshot a.png --full-screen", "--full-screen is for the window"),
    ("show --screenshot a.png --close", "--close is for the window"),
    ("show --keep --close", "--close does nothing beside --keep"),
    ("view x --screenshot a.png --interval 2s", "--interval is for the window"),
    ("view x --contact-sheet a.png --full-screen", "--full-screen is for the window"),
    ("view x --contact-sheet a.png --close", "--close is for the window"),
    ("view x --at 50%", "--at is for --trace"),
    ("view x --trace run.qlog", "--trace replays a run"),
    ("view x --terminal --interval 2s", "--interval is for the window"),
    ("view x --terminal --screenshot a.png", "--terminal prints"),
    ("show --terminal --full-screen", "--full-screen is for the window"),
    ("show --terminal --theme light", "--theme is for the window"),
    ("show --terminal --json", "--terminal draws images"),
    ("show --terminal --screenshot a.png", "--terminal draws images"),
    ("view --trace a.qlog b.qlog --terminal", "--terminal prints the map of one run"),
    ("view --trace a.qlog b.qlog c.qlog", "--trace replays one run"),
    ("view --trace run.qlog --shuffle", "--shuffle is for images"),
    ("view x --as grid --shuffle", "--shuffle is for a slide show"),
    ("view --trace run.qlog --as grid", "--as is for images"),
    ("view --trace run.qlog --interval 2s", "--interval is for images"),
    ("view --trace run.qlog --screenshot a.png --full-screen", "--full-screen is for the window"),
    ("view x --index 1", "--index is for --screenshot"),
    ("view x --index 1 --contact-sheet a.png", "--index is for --screenshot"),
  ])
  func idleBesideAnotherOption(line: String, part: String) {
    let refusal = refusal(line.split(separator: " ").map(String.init))
    #expect(refusal?.code == 64)
    #expect(
      refusal?.text.contains(part) == true && refusal?.text.contains("\n") == false, "\(refusal?.text ?? "")")
    #expect(refusal?.text.contains(/leave .*out|choose one/) == true)
  }

  /// A default is no option that was given.
  @Test(arguments: [
    "send x --to h", "send x --to h --protocol naive --mode tcp", "send x --to h --mode tcp", "receive",
    "receive --protocol naive --mode tcp", "show", "show --screenshot a.png", "view x",
    "view x --screenshot a.png --index 2",
    "view x --terminal --index 1", "view --trace run.qlog --terminal --at 50%",
    "view --trace run.qlog --at 1.2s --as map",
    "view --trace a.qlog b.qlog --theme light", "view x --screenshot a.png --theme light --text-size 200%",
    "send x --to h --window --screenshot a.png",
    "send x --to h --protocol naive --drop out:5%",
    "receive --mode multicast --bind 224.1.1.5", "send x --to h --one-way --rounds forever --rate 1Mbit",
    "send x --to h --one-way --drop 5%",
    "send x --to 224.1.1.5 --mode multicast --straggler drop --behind 1s",
  ])
  func defaultsAreNotGiven(line: String) {
    #expect(refusal(line.split(separator: " ").map(String.init))?.text == nil)
  }

  /// From the program itself, which sends nothing: the two command lines that once ran.
  @Test(arguments: [
    ("--protocol naive --rate 1kbit --mtu 576 --controller aimd --receivers 5", "--rate"),
    ("--pause 10s --ttl 9 --receivers 7", "--receivers"),
  ])
  func theProgramRefusesAndSendsNothing(options: String, name: String) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let program = Program(
      ["send", rig.scratch.path("set"), "--to", "127.0.0.1"] + options.split(separator: " ").map(String.init),
      in: rig.scratch)
    #expect(await program.wait() == 64)
    #expect(program.errorLines.count == 1 && program.errors.hasPrefix("Error: \(name) is for "))
    #expect(program.output.isEmpty)
  }
}
