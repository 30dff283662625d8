import Foundation
import Testing

/// A receiver that cannot store what comes.
@Suite(.sideBySide) struct StorageTests {
  /// Needs the right to mount, as root has.
  @Test(.enabled(if: geteuid() == 0)) func diskFull() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3_000_000)
    let inbox = rig.scratch.folder("inbox")
    #expect(mount("none", inbox, "tmpfs", 0, "size=1m") == 0)
    defer { umount2(inbox, 2) }  // MNT_DETACH
    await rig.receive()
    let sender = rig.send("set")
    #expect(await sender.wait() == 3)
    #expect(sender.errors.contains("no room in"))
    // A smaller set may still come, from this sender or from another.
    rig.scratch.folder("small")
    rig.scratch.file("small/b.jpg", byteCount: 3_000)
    #expect(await rig.send("small").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.receiver?.errors.contains("choose another --into folder") == true)
    #expect(rig.inbox == ["b.jpg"])
  }

  /// The room is taken by others after the session began.
  @Test(.enabled(if: geteuid() == 0)) func diskFullHalfWay() async {
    let rig = Rig()
    rig.makeSlowSet()
    let inbox = rig.scratch.folder("inbox")
    #expect(mount("none", inbox, "tmpfs", 0, "size=6m") == 0)
    defer { umount2(inbox, 2) }
    await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData())
    rig.scratch.file("inbox/hog", byteCount: 5_000_000)
    #expect(await sender.wait() == 3)
    #expect(sender.errors.contains("no room for"))
    #expect(await rig.receiver?.wait() == 2)
    #expect(rig.receiver?.errors.contains("no room for") == true)
    #expect(!rig.inbox.contains { $0.hasPrefix(".gallery-") || $0 == "b.jpg" })
  }

  /// Found out at the start, without a sender.
  @Test func anInboxThatIsAFile() async {
    let rig = Rig()
    rig.scratch.file("inbox", byteCount: 1)
    let receiver = Program(["receive", "--into", rig.scratch.path("inbox")], in: rig.scratch)
    #expect(await receiver.wait() == 2)
    #expect(receiver.errors.contains("no files can be put into \(rig.scratch.path("inbox"))"))
  }

  @Test func anInboxThatBecomesAFile() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3_000)
    await rig.receive()
    rmdir(rig.scratch.path("inbox"))
    rig.scratch.file("inbox", byteCount: 1)
    #expect(await rig.send("set").wait() == 3)
    #expect(await rig.receiver?.wait() == 2)
    #expect(rig.receiver?.errors.contains("--into") == true)
  }
}
