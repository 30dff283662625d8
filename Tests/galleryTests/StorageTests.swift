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

  /// The room is taken by others after the session began, and freed again: the session goes on, also one with
  /// a code.
  @Test(.enabled(if: geteuid() == 0), arguments: [[], ["--code", "bado kilu mefa nopi rusa tegi"]])
  func diskFullHalfWay(code: [String]) async {
    let rig = Rig()
    rig.makeSlowSet()
    let inbox = rig.scratch.folder("inbox")
    #expect(mount("none", inbox, "tmpfs", 0, "size=6m") == 0)
    defer { umount2(inbox, 2) }
    await rig.receive(code)
    let sender = rig.send("set", ["--rate", "10Mbit", "--json-lines"] + code)
    #expect(await rig.waitForData())
    rig.scratch.hog("inbox/hog")
    #expect(await sender.wait { sender.errors.contains("its disk is full") })
    #expect(await sender.wait { rig.receiver?.errors.contains("no room for") == true })
    #expect(await sender.wait { sender.errors.contains(" % · disk full · ") })
    #expect(await sender.wait { rig.receiver?.errors.contains(" % · disk full · ") == true })
    #expect(!rig.inbox.contains("b.jpg"))
    unlink(rig.scratch.path("inbox/hog"))
    #expect(await sender.wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(sender.errors.contains("its disk has room again"))
    #expect(sender.output.contains(#""event":"storage""#))
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
    for name in rig.inbox { #expect(rig.scratch.isSame("set/\(name)", "inbox/\(name)")) }
  }

  /// Who does not wait for room keeps what is here for the next session.
  @Test(.enabled(if: geteuid() == 0)) func diskFullAndTheSenderLeaves() async {
    let rig = Rig()
    rig.makeSlowSet()
    let inbox = rig.scratch.folder("inbox")
    #expect(mount("none", inbox, "tmpfs", 0, "size=6m") == 0)
    defer { umount2(inbox, 2) }
    await rig.receive()
    let sender = rig.send("set", "--rate", "10Mbit")
    #expect(await rig.waitForData())
    rig.scratch.hog("inbox/hog")
    #expect(await sender.wait { sender.errors.contains("its disk is full") })
    sender.signal(SIGINT)
    _ = await sender.wait()
    #expect(await rig.receiver?.wait() == 2)
    unlink(rig.scratch.path("inbox/hog"))
    #expect(rig.inbox.contains { $0.hasPrefix(".gallery-") })
    await rig.receive()
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
  }

  /// Three receivers of a group, one of them with a full disk: the others have everything, and then it has.
  @Test(.enabled(if: geteuid() == 0)) func diskFullInAGroup() async {
    let rig = Rig()
    rig.makeSlowSet()
    let full = rig.scratch.folder("inbox2")
    #expect(mount("none", full, "tmpfs", 0, "size=6m") == 0)
    defer { umount2(full, 2) }
    let group = "239.255.78.\(rig.port % 200 + 20)"
    let way = ["--mode", "multicast", "--interface", "lo", "--port", "\(rig.port)"]
    let receivers = (0..<3).map { number in
      Program(
        [
          "receive", "--group", group, "--name", "host\(number)", "--into",
          rig.scratch.path("inbox\(number)"),
        ]
          + way, in: rig.scratch)
    }
    let sender = Program(
      ["send", rig.scratch.path("set"), "--to", group, "--receivers", "3", "--rate", "10Mbit"] + way,
      in: rig.scratch)
    #expect(await sender.wait { rig.scratch.names(in: "inbox2").contains { $0.hasSuffix(".part") } })
    rig.scratch.hog("inbox2/hog")
    #expect(await sender.wait { sender.errors.contains("its disk is full") })
    #expect(sender.errors.contains("host2 (") && !sender.errors.contains("host1 (127.0.0.1): its disk"))
    #expect(await receivers[0].wait() == 0)
    #expect(await receivers[1].wait() == 0)
    #expect(!rig.scratch.names(in: "inbox2").contains("b.jpg"))
    unlink(rig.scratch.path("inbox2/hog"))
    #expect(await sender.wait() == 0)
    #expect(await receivers[2].wait() == 0)
    for number in 0..<3 {
      for name in ["a.jpg", "b.jpg"] {
        #expect(rig.scratch.isSame("set/\(name)", "inbox\(number)/\(name)"))
      }
    }
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
