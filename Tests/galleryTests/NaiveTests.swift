import Foundation
import Testing

/// The naive protocol on the command line: its sessions, and what its exit codes say.
@Suite struct NaiveTests {
  private let rig = Rig()

  private func receive(_ arguments: String...) -> Program {
    rig.receive(["--protocol", "naive"] + arguments)
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

  @Test func aReceiverWaitsForItsSenderLongerThanTheIdleTimeout() {
    let receiver = receive("--idle-timeout", "300ms")
    #expect(!receiver.wait(seconds: 1) { receiver.errors.contains("gave up") })
    let sender = send("set", count: 2)
    #expect(sender.wait() == 0)
    #expect(sender.errors.contains("so nobody knows what arrived"))
    #expect(receiver.wait() == 0)
    #expect(rig.inbox == ["image-0000.jpg", "image-0001.jpg"])
  }

  @Test(arguments: ["unicast", "tcp"])
  func withoutASenderTheWaitEnds(mode: String) {
    let receiver = receive("--mode", mode, "--wait", "300ms", "--json")
    #expect(receiver.wait() == 6)
    #expect(
      receiver.errorLines.last?.contains("no sender came to 127.0.0.1:\(rig.port) within 300 ms") == true)
    #expect(receiver.json["exitCode"] as? Int == 6)
  }

  /// The second session's names go on where the first one's ended.
  @Test func keepStoresEachSession() {
    let receiver = receive("--keep")
    for (folder, count) in [("first", 2), ("second", 3)] {
      #expect(send(folder, count: count).wait() == 0)
      #expect(receiver.wait { receiver.errors.contains("end marker received after \(count) images") })
      // The socket is opened anew for each session.
      #expect(
        receiver.wait {
          receiver.errors.components(separatedBy: "listening").count == (folder == "first" ? 3 : 4)
        })
    }
    receiver.signal(SIGINT)
    #expect(receiver.wait() == 130)
    let sent = (0..<2).map { "first/\($0).jpg" } + (0..<3).map { "second/\($0).jpg" }
    for (number, name) in sent.enumerated() {
      #expect(rig.scratch.isSame(name, "inbox/image-000\(number).jpg"), "image \(number)")
    }
    #expect(rig.inbox.count == 5)
  }

  @Test(arguments: [["--into", "inbox"], ["--into", "inbox", "--keep"], ["--into", "file"]])
  func filesThatCannotBeStoredAreExitCode2(arguments: [String]) {
    rig.scratch.folder("inbox")
    rig.scratch.file("inbox/image-0000.jpg", byteCount: 1)
    rig.scratch.file("file", byteCount: 1)
    let paths = arguments.map { $0.hasPrefix("--") ? $0 : rig.scratch.path($0) }
    let program = Program(
      ["receive", "--protocol", "naive", "--port", "\(rig.port)"] + paths, in: rig.scratch)
    #expect(program.wait() == 2, "and is not tried again for ever")
    #expect(program.errorLines.count == 1)
    #expect(!arguments.contains("inbox") || program.errorLines.last?.contains("--overwrite") == true)
  }

  @Test func filesThatCannotBeReadAreExitCode2() {
    rig.scratch.folder("set")
    rig.scratch.file("set/large.jpg", byteCount: 70_000)
    #expect(send("set", count: 1).wait() == 2)
  }

  /// A receiver that knows that something is missing does not say that all went well.
  @Test func anEndMarkerAloneIsNoSuccess() {
    let receiver = receive("--drop", "100%", "--wait", "500ms")
    #expect(send("set", count: 1).wait() == 0)
    #expect(receiver.wait() == 6)
    let other = receive("--impair", "drop datagram 0")
    #expect(send("other", count: 1).wait() == 0)
    #expect(other.wait() == 3)
  }

  @Test(arguments: [["--idle-timeout", "0"], ["--wait", "100000s"]])
  func badTimesAreWrongUsage(arguments: [String]) {
    let program = Program(["receive", "--protocol", "naive"] + arguments, in: rig.scratch)
    #expect(program.wait() == 64)
  }
}
