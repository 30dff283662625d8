import Foundation
import Testing

/// What arrives, from two real processes over loopback.
@Suite(.sideBySide) struct SendingTests {
  @Test func aSetArrivesWholeAndNothingIsLeftBehind() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 300_000)
    rig.scratch.file("set/b.JPEG", byteCount: 1)
    await rig.receive("--json")
    let sender = rig.send("set", "--drop", "10%", "--json")
    #expect(await sender.wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["a.jpg", "b.JPEG"])
    #expect(rig.scratch.isSame("set/a.jpg", "inbox/a.jpg"))
    #expect(rig.scratch.isSame("set/b.JPEG", "inbox/b.JPEG"))
    #expect(sender.json["isWhole"] as? Bool == true)
    #expect(rig.receiver?.json["outcome"] as? String == "whole")
    for report in [sender.json, rig.receiver?.json ?? [:]] {
      let account = report["accounting"] as? [String: Any]
      #expect(account?["balances"] as? Bool == true)
      #expect((account?["equations"] as? [Any])?.isEmpty == false)
    }
    #expect(sender.errors.contains("all 2 files verified"))
  }

  /// Three lines a side are enough; every datagram's fate is for those who ask.
  @Test(arguments: ["unicast", "tcp"])
  func theAccountIsPrintedWhenAsked(mode: String) async {
    for isAsked in [false, true] {
      let rig = Rig()
      rig.scratch.folder("set")
      rig.scratch.file("set/a.jpg", byteCount: 3_000)
      let account = isAsked ? ["--account"] : []
      await rig.receive(["--mode", mode] + account)
      let sender = Program(
        ["send", rig.scratch.path("set"), "--mode", mode, "--to", "127.0.0.1:\(rig.port)"] + account,
        in: rig.scratch)
      #expect(await sender.wait() == 0)
      #expect(await rig.receiver?.wait() == 0)
      for errors in [sender.errors, rig.receiver?.errors ?? ""] {
        #expect(errors.contains("accounting (balanced):") == isAsked, "\(errors)")
        #expect(!errors.contains(" 1 datagrams"), "\(errors)")
      }
    }
  }

  @Test func anEmptyFileArrives() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/empty.jpg", byteCount: 0)
    await rig.receive()
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["empty.jpg"])
    #expect(rig.scratch.isSame("set/empty.jpg", "inbox/empty.jpg"))
  }

  @Test func namesArriveAsTheyAre() async {
    let rig = Rig()
    let names = [
      "two words.jpg", "Łódź 東京 🌄.jpg", "-n.jpg", "~.jpg", "new\nline.jpg",
      String(repeating: "x", count: 251) + ".jpg",
    ]
    rig.scratch.folder("set")
    for (index, name) in names.enumerated() {
      rig.scratch.file("set/\(name)", byteCount: 2_000, seed: UInt8(index + 1))
    }
    await rig.receive()
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == names.sorted())
    for name in names { #expect(rig.scratch.isSame("set/\(name)", "inbox/\(name)"), "\(name)") }
  }

  @Test func subfoldersArriveWhenAsked() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.folder("set/deep")
    rig.scratch.file("set/deep/a.txt", byteCount: 10)
    await rig.receive()
    #expect(await rig.send("set", "--all", "--recursive").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["deep", "deep/a.txt"])
  }

  @Test func severalReceiversAreServedSideBySide() async {
    let one = Rig()
    let two = Rig()
    one.scratch.folder("set")
    one.scratch.file("set/a.jpg", byteCount: 100_000)
    await one.receive()
    await two.receive()
    let sender = one.send("set", "--to", "127.0.0.1:\(two.port)", "--json")
    #expect(await sender.wait() == 0)
    #expect(await one.receiver?.wait() == 0)
    #expect(await two.receiver?.wait() == 0)
    #expect(one.inbox == ["a.jpg"])
    #expect(two.inbox == ["a.jpg"])
    #expect((sender.json["sessions"] as? [Any])?.count == 2)
  }

  @Test func oneOfTwoReceiversMissingIsPartial() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 1_000)
    await rig.receive()
    let sender = rig.send("set", "--to", "127.0.0.1:\(freePort())", "--wait", "1s")
    #expect(await sender.wait() == 3)
    #expect(await rig.receiver?.wait() == 0)
    #expect(sender.errorLines.count == 1)
  }

  // MARK: What is in the inbox already

  @Test(arguments: [(false, Int32(3)), (true, Int32(0))])
  func anotherFileOfTheNameIsReplacedOnlyWhenAsked(overwrites: Bool, code: Int32) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.folder("inbox")
    rig.scratch.file("set/a.jpg", byteCount: 5_000)
    rig.scratch.file("set/b.jpg", byteCount: 5_000)
    rig.scratch.file("inbox/a.jpg", byteCount: 5_000, seed: 9)
    if overwrites { await rig.receive("--overwrite") } else { await rig.receive() }
    let sender = rig.send("set")
    #expect(await sender.wait() == code)
    #expect(await rig.receiver?.wait() == code)
    #expect(rig.scratch.isSame("set/a.jpg", "inbox/a.jpg") == overwrites)
    #expect(rig.scratch.isSame("set/b.jpg", "inbox/b.jpg"))
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
    #expect(rig.receiver?.errors.contains("--overwrite replaces it") == !overwrites)
    #expect(sender.errors.contains("--overwrite replaces it") == !overwrites)
  }

  @Test func theSameFileThereAlreadyCountsAsDelivered() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.folder("inbox")
    rig.scratch.file("set/a.jpg", byteCount: 5_000)
    rig.scratch.file("inbox/a.jpg", byteCount: 5_000)
    await rig.receive()
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["a.jpg"])
  }

  @Test func keepStaysForTheNextSession() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 5_000)
    rig.scratch.folder("more")
    rig.scratch.file("more/b.jpg", byteCount: 5_000)
    let receiver = await rig.receive("--keep")
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.send("more").wait() == 0)
    #expect(await receiver.wait { rig.inbox == ["a.jpg", "b.jpg"] })
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
  }
}
