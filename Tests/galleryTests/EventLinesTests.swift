import Foundation
import Testing

/// `--json-lines`: what a script reads in the place of sentences.
@Suite(.sideBySide) struct EventLinesTests {
  private typealias Event = [String: Any]

  /// One JSON object for each line that the program has written.
  private func events(_ program: Program) throws -> [Event] {
    try program.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Event)
    }
  }

  private func names(_ events: [Event]) -> [String] { events.compactMap { $0["event"] as? String } }

  /// Starts a receiver at a port of the kernel's choice, and learns it from the first line.
  private func receive(_ rig: Rig, _ arguments: [String]) async throws -> (program: Program, port: Int) {
    let program = Program(
      ["receive", "--port", "0", "--bind", "127.0.0.1", "--into", rig.scratch.path("inbox"), "--json-lines"]
        + arguments, in: rig.scratch)
    #expect(await program.wait { program.output.hasSuffix("\n") })
    let first = try #require(try events(program).first)
    #expect(first["event"] as? String == "listening")
    #expect(first["address"] as? String == "127.0.0.1")
    return (program, try #require(first["port"] as? Int))
  }

  private func makeSet(_ rig: Rig) {
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 30_000)
    rig.scratch.file("set/new\nline.jpg", byteCount: 3_000)
  }

  @Test(arguments: ["unicast", "tcp"])
  func aReceiverTellsWhatHappens(mode: String) async throws {
    let rig = Rig()
    makeSet(rig)
    let (receiver, port) = try await receive(rig, ["--mode", mode])
    let sender = Program(
      ["send", rig.scratch.path("set"), "--mode", mode, "--to", "127.0.0.1:\(port)", "--json-lines"],
      in: rig.scratch)
    #expect(await sender.wait() == 0)
    #expect(await receiver.wait() == 0)
    let events = try events(receiver)
    #expect(names(events) == ["listening", "session", "file", "file", "end"])
    let session = try #require(events.dropFirst().first)
    #expect(session["fileCount"] as? Int == 2 && session["fileByteCount"] as? Int == 33_000)
    #expect((session["sessionID"] as? String)?.count == 16)
    #expect((session["sender"] as? String)?.hasPrefix("127.0.0.1:") == true)
    let files = events.filter { $0["event"] as? String == "file" }
    #expect(Set(files.compactMap { $0["name"] as? String }) == ["a.jpg", "new\nline.jpg"])
    for file in files {
      #expect(FileManager.default.fileExists(atPath: try #require(file["path"] as? String)))
    }
    let end = try #require(events.last)
    #expect(end["exitCode"] as? Int == 0)
    #expect((end["report"] as? Event)?["outcome"] as? String == "whole")
    let sending = try self.events(sender)
    #expect(names(sending) == ["joined", "end"])
    #expect((sending.first?["receiverID"] as? String)?.count == 16)
    #expect((sending.first?["address"] as? String)?.hasPrefix("127.0.0.1") == true)
    let sent = try #require(sending.last)
    #expect(sent["event"] as? String == "end" && sent["exitCode"] as? Int == 0)
    #expect((sent["report"] as? Event)?["isWhole"] as? Bool == true)
  }

  /// The naive protocol knows no sessions.
  @Test(arguments: ["unicast", "tcp"])
  func aNaiveReceiverTellsToo(mode: String) async throws {
    let rig = Rig()
    makeSet(rig)
    let (receiver, port) = try await receive(rig, ["--protocol", "naive", "--mode", mode])
    let sender = Program(
      [
        "send", rig.scratch.path("set"), "--protocol", "naive", "--mode", mode, "--to", "127.0.0.1:\(port)",
        "--json-lines",
      ] + (mode == "tcp" ? [] : ["--wait", "100ms"]), in: rig.scratch)
    #expect(await sender.wait() == 0)
    #expect(await receiver.wait() == 0)
    let events = try events(receiver)
    #expect(names(events) == ["listening", "file", "file", "end"])
    #expect(events.last?["exitCode"] as? Int == 0)
    #expect(names(try self.events(sender)) == ["end"])
  }

  /// A script may send again after each `listening`.
  @Test(arguments: ["unicast", "tcp"])
  func eachSessionOfKeepHasItsEvents(mode: String) async throws {
    let rig = Rig()
    makeSet(rig)
    let (receiver, port) = try await receive(rig, ["--mode", mode, "--keep", "--overwrite"])
    for count in 1...2 {
      let sender = Program(
        ["send", rig.scratch.path("set"), "--mode", mode, "--to", "127.0.0.1:\(port)", "--quiet"],
        in: rig.scratch)
      #expect(await sender.wait() == 0)
      #expect(
        await receiver.wait { receiver.output.components(separatedBy: "\"listening\"").count == count + 2 })
    }
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
    let session = ["listening", "session", "file", "file", "end"]
    #expect(names(try events(receiver)) == session + session + ["listening", "end"])
  }

  /// Also a run without a session ends with `end`: a script waits for nothing in vain.
  @Test func anErrorIsAnEndToo() async throws {
    let rig = Rig()
    let (waiting, _) = try await receive(rig, ["--wait", "100ms"])
    #expect(await waiting.wait() == 6)
    let end = try #require(try events(waiting).last)
    #expect(end["event"] as? String == "end" && end["exitCode"] as? Int == 6)
    #expect((end["error"] as? String)?.contains("no sender came") == true)
    rig.scratch.file("file", byteCount: 1)
    let storing = Program(
      ["receive", "--port", "0", "--into", rig.scratch.path("file"), "--json-lines"], in: rig.scratch)
    #expect(await storing.wait() == 2)
    #expect(names(try events(storing)) == ["end"])
    makeSet(rig)
    let sender = rig.send("set", "--wait", "100ms", "--json-lines")
    #expect(await sender.wait() == 5)
    #expect(try events(sender).last?["exitCode"] as? Int == 5)
  }
}
