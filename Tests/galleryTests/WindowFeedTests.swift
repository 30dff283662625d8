import ArgumentParser
import Foundation
import Ground
import Testing
import Transport
import Viewer

import gallery

/// What the window shows of sessions, and says of them.
@Suite(.sideBySide) struct WindowFeedTests {
  private static func plan(_ words: [String] = []) throws -> ReceivePlan {
    try ReceivePlan(ReceiveOptions.parse(words))
  }

  private static func file(_ index: Int, _ name: String) -> FileArrival {
    FileArrival(index: index, name: name, path: "/inbox/\(name)", byteCount: 3, fileCount: 2)
  }

  private static let start = SessionStart(
    sender: "10.1.1.2:4711", sessionID: "1", fileCount: 2, fileByteCount: 6)

  /// The line that a person reads on one host is what a person types on the other.
  @Test(arguments: [
    (["--bind", "10.1.1.34"], "gallery send FOLDER --to 10.1.1.34"),
    (["--bind", "10.1.1.34", "--mode", "tcp"], "gallery send FOLDER --mode tcp --to 10.1.1.34"),
    (
      ["--bind", "10.1.1.34", "--protocol", "naive"], "gallery send FOLDER --protocol naive --to 10.1.1.34"
    ),
    (
      ["--mode", "multicast", "--group", "224.1.1.5"], "gallery send FOLDER --mode multicast --to 224.1.1.5"
    ),
  ])
  func whileItWaitsItSaysWhatToType(words: [String], command: String) throws {
    let pictures = WindowFeed(try Self.plan(words))
    pictures.tell(.listening(address: "::", port: 25_000))
    let line = pictures.feed.snapshot().status
    #expect(line.hasSuffix("On the sender: " + command), "\(line)")
    #expect(line.contains("port 25000"))
    #expect(WaitingText.command(try Self.plan(words), port: 4_000) == command + " --port 4000")
  }

  @Test func anAddressOfThisHostIsNamed() throws {
    let command = WaitingText.command(try Self.plan(["--port", "25000"]), port: 25_000)
    #expect(command.hasPrefix("gallery send FOLDER --to "))
    #expect(!command.hasSuffix("0.0.0.0") && command.split(separator: " ").count == 5)
  }

  @Test(arguments: [
    ([], "gallery send FOLDER"), (["--room", "attic"], "gallery send FOLDER --room attic"),
  ])
  func aReceiverThatIsFoundNeedsNoAddress(words: [String], command: String) throws {
    let plan = try Self.plan(words + ["--name", "radish"])
    #expect(
      WaitingText.line(plan, port: 25_000) == "Waiting as radish, port 25000. On the sender: \(command)")
  }

  /// With --keep the pictures of a second session stand behind those of the first.
  @Test func aSecondSessionReplacesNoPicture() throws {
    let pictures = WindowFeed(try Self.plan(["--keep"]))
    for names in [["a.jpg", "b.jpg"], ["c.jpg", "d.jpg"]] {
      pictures.tell(.listening(address: "::", port: 25_000))
      pictures.tell(.began(Self.start))
      for (index, name) in names.enumerated() {
        pictures.tell(.arrived(Self.file(index, name)))
        pictures.tell(.verified(Self.file(index, name)))
      }
      pictures.tell(.ended("2 of 2 files verified"))
      #expect(pictures.feed.snapshot().status == "2 of 2 files verified · waiting for the next sender")
    }
    let items = pictures.feed.snapshot().entries.map(\.item)
    #expect(items.map(\.name) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    #expect(items.map(\.index) == [0, 1, 2, 3])
  }

  /// A file that is verified has been decoded already, when all of its bytes had arrived.
  @Test func aVerifiedFileKeepsItsPicture() throws {
    let pictures = WindowFeed(try Self.plan())
    pictures.tell(.began(Self.start))
    pictures.tell(.arrived(Self.file(0, "a.jpg")))
    let arrived = pictures.feed.snapshot().entries[0]
    var verified = Self.file(0, "a.jpg")
    verified.path = "/inbox/renamed"
    pictures.tell(.verified(verified))
    let entry = pictures.feed.snapshot().entries[0]
    #expect(entry.revision == arrived.revision && entry.item.path == "/inbox/renamed")
  }

  /// A sender that dies: what is verified stays, and what is not says why it is not there.
  @Test func aSessionThatBreaksOffKeepsItsPictures() throws {
    let pictures = WindowFeed(try Self.plan())
    pictures.tell(.began(Self.start))
    pictures.tell(.arrived(Self.file(0, "a.jpg")))
    pictures.tell(.verified(Self.file(0, "a.jpg")))
    pictures.tell(.arrived(Self.file(1, "b.jpg")))
    pictures.tell(.ended("1 of 2 files verified from 10.1.1.2 · nothing came from the sender for 15 s"))
    let snapshot = pictures.feed.snapshot()
    #expect(snapshot.isFinished && snapshot.status.contains("nothing came from the sender"))
    #expect(snapshot.entries[0].item.absence == "the file is gone")
    #expect(snapshot.entries[1].item.absence.contains("before this file was verified"))
  }

  /// The line of a real session, from the report that it wrote.
  @Test(arguments: [[], ["--drop", "10%"]])
  func theLineSaysWhatHappened(drop: [String]) async throws {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 300_000)
    await rig.receive("--json")
    let sender = Program(
      ["send", rig.scratch.path("set"), "--mtu", "1500", "--to", "127.0.0.1:\(rig.port)"] + drop,
      in: rig.scratch)
    #expect(await sender.wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    let report = try JSONDecoder().decode(
      UDPReceiveReport.self, from: Data((rig.receiver?.output ?? "").utf8))
    let line = report.summary(inbox: "inbox")
    #expect(line.hasPrefix("1 of 1 file verified from 127.0.0.1 · 300 kB in "), "\(line)")
    #expect(line.hasSuffix(" lost, all repaired") == !drop.isEmpty, "\(line)")
  }
}
