import Foundation
import Testing

/// What people get wrong, and what they are told: one line, what to do, and the exit code that `--help`
/// states.
@Suite(.sideBySide) struct BadInputTests {
  /// Runs `gallery send` on a folder to an address where nobody needs to be.
  private func send(_ rig: Rig, _ folder: String, _ arguments: String...) async -> (
    code: Int32?, lines: [String]
  ) {
    let program = Program(
      ["send", rig.scratch.path(folder), "--to", "127.0.0.1:\(rig.port)", "--wait", "1s"] + arguments,
      in: rig.scratch)
    return (await program.wait(), program.errorLines)
  }

  @Test func noSuchFolder() async {
    let rig = Rig()
    let (code, lines) = await send(rig, "nowhere")
    #expect(code == 2)
    #expect(lines == ["gallery: no such folder: \(rig.scratch.path("nowhere")); check the path"])
  }

  @Test func noImagesInTheFolder() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/notes.txt", byteCount: 3)
    let (code, lines) = await send(rig, "set")
    #expect(code == 2)
    #expect(lines.count == 1 && lines[0].contains("no images") && lines[0].contains("--all"))
  }

  @Test func aLinkToNothing() async {
    let rig = Rig()
    rig.scratch.folder("set")
    symlink("gone", rig.scratch.path("set/a.jpg"))
    let (code, lines) = await send(rig, "set")
    #expect(code == 2)
    #expect(lines.count == 1 && lines[0].contains("a.jpg is a link to a file that is not there"))
  }

  /// 2^32 chunks of 68 bytes are 292 GB; the file has no blocks on the disk.
  @Test func moreChunksThanTheSequenceSpace() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.sparseFile("set/a.jpg", byteCount: 300_000_000_000)
    let (code, lines) = await send(rig, "set", "--mtu", "128")
    #expect(code == 2)
    #expect(lines.count == 1 && lines[0].contains("2^32") && lines[0].contains("--mtu"))
  }

  @Test func hostUnknown() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let program = Program(
      ["send", rig.scratch.path("set"), "--to", "no-such-host.invalid", "--wait", "1s", "--quiet"],
      in: rig.scratch)
    #expect(await program.wait() == 6)
    #expect(program.errorLines.count == 1)
    // The name once, the advice once.
    #expect(program.errors.components(separatedBy: "no-such-host.invalid").count == 2)
    #expect(program.errors.components(separatedBy: "check the spelling").count == 2)
  }

  @Test(arguments: [["127.0.0.1"], ["224.1.1.5", "--mode", "multicast"]])
  func interfaceUnknown(arguments: [String]) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let program = Program(
      ["send", rig.scratch.path("set"), "--interface", "nic9", "--to"] + arguments, in: rig.scratch)
    #expect(await program.wait() == 6)
    #expect(
      program.errorLines.count == 1 && program.errors.contains("no network interface “nic9”: there are"))
  }

  /// It is not the network's fault, nor an absent receiver's.
  @Test(arguments: [
    ("out: 100%", "went out, and this side dropped all on purpose"),
    ("in: 100%", "came in, and this side dropped all on purpose"),
  ])
  func everythingDroppedOnPurposeBySender(drop: String, part: String) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let receiver = await rig.receive()
    let sender = rig.send("set", "--wait", "1s", "--drop", drop)
    #expect(await sender.wait() == 5)
    #expect(sender.errorLines.count == 1 && sender.errors.contains(part))
    receiver.signal(SIGINT)
    _ = await receiver.wait()
  }

  @Test func everythingDroppedOnPurposeByReceiver() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let receiver = await rig.receive("--wait", "2s", "--drop", "in: 100%")
    let sender = rig.send("set", "--wait", "1s")
    #expect(await receiver.wait() == 6)
    #expect(receiver.errors.contains("came in, and this side dropped all on purpose"))
    #expect(await sender.wait() == 5)
  }

  /// The receiver is there, and says so: it is not told as "nobody is listening".
  @Test(arguments: ["unicast", "tcp"])
  func aReceiverThatIsBusySaysSo(mode: String) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.sparseFile("set/a.jpg", byteCount: 400_000_000)
    let receiver = await rig.receive(["--mode", mode])
    let first = mode == "tcp" ? rig.send("set", "--mode", mode) : rig.send("set", "--rate", "20Mbit")
    #expect(await rig.waitForData())
    if mode == "tcp" { first.signal(SIGSTOP) }
    let second = rig.send("set", "--mode", mode, "--wait", "20s")
    #expect(await second.wait() == 3)
    #expect(second.errorLines.count == 1 && second.errors.contains("busy with another session"))
    first.signal(SIGCONT)
    first.signal(SIGINT)
    #expect(await first.wait() == 130)
    #expect(await receiver.wait() == 3)
  }

  @Test func aFolderThatIsAFile() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    rig.scratch.file("taken", byteCount: 3)
    let program = Program(
      ["compare", rig.scratch.path("set"), "--into", rig.scratch.path("taken")], in: rig.scratch)
    #expect(await program.wait() == 2)
    #expect(program.errorLines.count == 1 && program.errors.contains("taken"))
    #expect(!program.errors.contains("UserInfo"))
  }

  @Test func portInUse() async {
    let rig = Rig()
    let first = await rig.receive()
    let second = Program(
      ["receive", "--bind", "127.0.0.1", "--port", "\(rig.port)", "--into", rig.scratch.path("other")],
      in: rig.scratch)
    #expect(await second.wait() == 6)
    #expect(second.errorLines.count == 1 && second.errors.contains("--port"))
    first.signal(SIGINT)
    #expect(await first.wait() == 130)
  }

  @Test func anAddressThatIsNotThisHosts() async {
    let rig = Rig()
    let program = Program(
      ["receive", "--bind", "192.0.2.1", "--into", rig.scratch.path("inbox")], in: rig.scratch)
    #expect(await program.wait() == 6)
    #expect(program.errorLines.count == 1 && program.errors.contains("no interface here has this address"))
  }

  @Test func nobodyListening() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let began = Date()
    let program = rig.send("set", "--json")
    #expect(await program.wait() == 5)
    #expect(Date().timeIntervalSince(began) >= 9.9)
    #expect(
      program.errorLines.count == 1 && program.errors.contains("nobody is listening at 127.0.0.1:\(rig.port)")
    )
    #expect(program.json["exitCode"] as? Int == 5)
  }

  @Test func nobodySending() async {
    let rig = Rig()
    let program = await rig.receive("--wait", "300ms")
    #expect(await program.wait() == 6)
    #expect(program.errorLines.count == 1 && program.errors.contains("no sender came"))
  }

  @Test(arguments: [
    ["send"], ["send", "x", "--mode", "tcp"], ["send", "x", "--to", ""],
    ["send", "x", "--to", "127.0.0.1:0"],
    ["send", "x", "--to", "host:99999"], ["send", "x", "--to", "h", "--mode", "pigeon"],
    ["send", "x", "--to", "h", "--drop", "5000%"], ["send", "x", "--to", "h", "--controller", "fixed"],
    ["send", "x", "--to", "h", "--mode", "tcp", "--drop", "5%"],
    ["send", "x", "--to", "h", "--rate", "fast"],
    ["receive", "--mode", "multicast"], ["receive", "--group", "224.1.1.5"],
    ["view"], ["frobnicate"],
  ])
  func wrongUsage(arguments: [String]) async {
    let scratch = Scratch()
    let program = Program(arguments, in: scratch)
    #expect(await program.wait() == 64)
    #expect(program.errorLines.count == 1)
  }

  /// What was most likely meant, in the line that says what is wrong.
  @Test(arguments: [
    (["sedn", "images", "--to", "127.0.0.1"], "did you mean send?"), (["veiw"], "did you mean view?"),
    (["study", "--loss"], "'gallery study --help'"),
    (["study", "--simulated", "--loss", "0,5", "--timeline", "7"], "is not among the losses"),
    (["help", "foo"], "there is no command 'foo'"),
    (["send", "x", "--to", "10.1.1"], "four numbers"), (["send", "x", "--to", "10.1.1.256"], "four numbers"),
    (["send", "x", "--to", "10.1.1.34,1.2"], "four numbers"),
    (["send", "x", "--to", "224.1.1.5"], "--mode multicast"),
    (["send", "x", "--to", "ff15::47"], "--mode multicast"),
    (["send", "x", "--to", "224.1.1.5", "--mode", "tcp"], "--mode multicast"),
    (["send", "x", "--to", "255.255.255.255"], "--mode broadcast"),
    (["send", "x", "--to", "127.255.255.255"], "--mode broadcast"),
    (["send", "x", "--to", "127.0.0.1", "--mode", "multicast"], "is no group"),
    (["send", "x", "--to", "127.0.0.1", "--mode", "broadcast"], "is no broadcast address"),
    (["send", "x", "--to", "224.1.1.5", "--mode", "broadcast"], "is no broadcast address"),
    (["receive", "--mode", "multicast", "--group", "10.1.1.34"], "is no group"),
    (["receive", "--bind", "10.1.1"], "four numbers"), (["doctor", "--to", "10.1.1"], "four numbers"),
    (["send", "x", "--to", "h", "--drop", "0.5"], "write 0.5% or 50%"),
    (["send", "x", "--to", "h", "--drop", "5"], "write 5%"),
    (["send", "x", "--to", "h", "--impair", "dup:0.01"], "write 0.01% or 1%"),
    (["receive", "--drop", "1"], "write 1% or 100%"),
    (["send", "x", "--to", "h", "--drop", "-5%"], "cannot read '-5%'"),
    (["send", "x", "--to", "h", "--pause", "1s"], "--pause is for --protocol naive"),
    (["send", "x", "--to", "h", "--ttl", "3"], "--ttl is for --mode multicast"),
    (["send", "x", "--to", "h", "--receivers", "3"], "--receivers is for"),
    (
      ["send", "x", "--to", "h", "--protocol", "naive", "--rate", "1Mbit"],
      "--rate is for the chunked protocol"
    ),
    (
      ["send", "x", "--to", "h", "--protocol", "naive", "--mtu", "1500"], "--mtu is for the chunked protocol"
    ),
    (["send", "x", "--to", "h", "--mode", "tcp", "--controller", "aimd"], "--controller is for"),
  ])
  func saysWhatWasMeant(arguments: [String], part: String) async {
    let scratch = Scratch()
    let program = Program(arguments, in: scratch)
    #expect(await program.wait() == 64)
    #expect(program.errorLines.count == 1 && program.errors.contains(part))
  }

  /// Of a name only the look-up tells: "localhost" is one host. Nobody is sent to in the wrong mode.
  @Test func aNameThatIsNoGroup() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let program = Program(
      ["send", rig.scratch.path("set"), "--to", "localhost", "--mode", "multicast"], in: rig.scratch)
    #expect(await program.wait() == 64)
    #expect(program.errorLines.count == 1 && program.errors.contains("needs one that reaches several"))
  }

  @Test(arguments: [
    ["--help"], ["send", "--help"], ["receive", "--help"], ["show", "--help"], ["view", "--help"],
    ["--version"],
  ])
  func helpFitsATerminalAndSucceeds(arguments: [String]) async {
    let scratch = Scratch()
    let program = Program(arguments, in: scratch)
    #expect(await program.wait() == 0)
    let longest = program.output.split(separator: "\n").map(\.count).max() ?? 0
    // its one-line usage is not wrapped by the parser
    #expect((1...80).contains(longest) || arguments.first == "view")
    if arguments == ["--help"] { #expect(program.output.contains("nobody was listening")) }
    if arguments.count == 2 { #expect(program.output.contains("Examples:\n  gallery \(arguments[0])")) }
  }
}
