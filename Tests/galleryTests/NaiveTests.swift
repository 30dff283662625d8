import Foundation
import Testing

/// The naive protocol on the command line: its sessions, and what its exit codes say.
@Suite(.sideBySide) struct NaiveTests {
  private let rig = Rig()

  private func receive(_ arguments: String...) async -> Program {
    await rig.receive(["--protocol", "naive"] + arguments)
  }

  /// Sends a folder of so many images.
  private func send(_ folder: String, count: Int, _ arguments: String...) -> Program {
    rig.scratch.folder(folder)
    for i in 0..<count { rig.scratch.file("\(folder)/\(i).jpg", byteCount: 20_000 + i, seed: UInt8(i)) }
    return Program(
      [
        "send", rig.scratch.path(folder), "--protocol", "naive", "--to", "127.0.0.1:\(rig.port)", "--wait",
        "100ms",
      ]
        + arguments, in: rig.scratch)
  }

  @Test func aReceiverWaitsForItsSenderLongerThanTheIdleTimeout() async {
    let receiver = await receive("--idle-timeout", "1s")
    #expect(await !receiver.wait(seconds: 2) { receiver.errors.contains("gave up") })
    let sender = send("set", count: 2)
    #expect(await sender.wait() == 0)
    #expect(sender.errors.contains("so nobody knows what arrived"))
    #expect(await receiver.wait() == 0)
    #expect(rig.inbox == ["image-0000.jpg", "image-0001.jpg"])
  }

  @Test(arguments: ["unicast", "tcp"])
  func withoutASenderTheWaitEnds(mode: String) async {
    let receiver = await receive("--mode", mode, "--wait", "300ms", "--json")
    #expect(await receiver.wait() == 6)
    #expect(
      receiver.errorLines.last?.contains("no sender came to 127.0.0.1:\(rig.port) within 300 ms") == true)
    #expect(receiver.json["exitCode"] as? Int == 6)
  }

  /// The second session's names go on where the first one's ended.
  @Test func keepStoresEachSession() async {
    let receiver = await receive("--keep")
    for (folder, count) in [("first", 2), ("second", 3)] {
      #expect(await send(folder, count: count).wait() == 0)
      #expect(await receiver.wait { receiver.errors.contains("end marker received after \(count) images") })
      // The socket is opened anew for each session.
      #expect(
        await receiver.wait {
          receiver.errors.components(separatedBy: "listening").count == (folder == "first" ? 3 : 4)
        })
    }
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
    let sent = (0..<2).map { "first/\($0).jpg" } + (0..<3).map { "second/\($0).jpg" }
    for (number, name) in sent.enumerated() {
      #expect(rig.scratch.isSame(name, "inbox/image-000\(number).jpg"), "image \(number)")
    }
    #expect(rig.inbox.count == 5)
  }

  @Test(arguments: [["--into", "inbox"], ["--into", "inbox", "--keep"], ["--into", "file"]])
  func filesThatCannotBeStoredAreExitCode2(arguments: [String]) async {
    rig.scratch.folder("inbox")
    rig.scratch.file("inbox/image-0000.jpg", byteCount: 1)
    rig.scratch.file("file", byteCount: 1)
    let paths = arguments.map { $0.hasPrefix("--") ? $0 : rig.scratch.path($0) }
    let program = Program(
      ["receive", "--protocol", "naive", "--port", "\(rig.port)"] + paths, in: rig.scratch)
    #expect(await program.wait() == 2, "and is not tried again for ever")
    #expect(program.errorLines.count == 1)
    #expect(!arguments.contains("inbox") || program.errorLines.last?.contains("--overwrite") == true)
  }

  @Test func filesThatCannotBeReadAreExitCode2() async {
    rig.scratch.folder("set")
    rig.scratch.file("set/large.jpg", byteCount: 70_000)
    #expect(await send("set", count: 1).wait() == 2)
  }

  /// A receiver that knows that something is missing does not say that all went well.
  @Test func anEndMarkerAloneIsNoSuccess() async {
    let receiver = await receive("--drop", "100%", "--wait", "500ms")
    #expect(await send("set", count: 1).wait() == 0)
    #expect(await receiver.wait() == 6)
    let other = await receive("--impair", "drop datagram 0")
    #expect(await send("other", count: 1).wait() == 0)
    #expect(await other.wait() == 3)
  }

  @Test(arguments: [["--idle-timeout", "0"], ["--wait", "100000s"]])
  func badTimesAreWrongUsage(arguments: [String]) async {
    let program = Program(["receive", "--protocol", "naive"] + arguments, in: rig.scratch)
    #expect(await program.wait() == 64)
  }
}
