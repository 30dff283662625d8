import Foundation
import Testing

/// One side goes away, or the files do, in the middle of a transfer.
@Suite(.sideBySide) struct InterruptionTests {
  /// A terminal that is closed sends HUP.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalToTheSenderEndsBothAtOnce(signal: Int32) async {
    let rig = Rig()
    rig.makeSlowSet()
    await rig.receive("--idle-timeout", "60s")
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData { hasMap($0) })
    sender.signal(signal)
    #expect(await sender.wait() == 130)
    #expect(await rig.receiver?.wait() == 3)
    #expect(rig.receiver?.errors.contains("ended by the sender's user") == true)
    #expect(rig.receiver?.errors.contains("missing chunks: 0") == false)
    #expect(isKept(rig))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalToTheReceiverEndsBothAtOnce(signal: Int32) async {
    let rig = Rig()
    rig.makeSlowSet()
    let receiver = await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData { hasMap($0) })
    receiver.signal(signal)
    #expect(await receiver.wait() == 130)
    #expect(await sender.wait() == 3)
    #expect(sender.errors.contains("ended by the receiver's user"))
    #expect(isKept(rig) && receiver.errors.contains("--no-resume starts over"))
  }

  @Test func ctrlCWhileNobodyHasComeYet() async {
    let rig = Rig()
    rig.makeSlowSet()
    let receiver = Program(
      ["receive", "--port", "\(freePort())", "--into", rig.scratch.path("inbox")], in: rig.scratch)
    #expect(await receiver.wait { receiver.errors.contains("listening") })
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
    let sender = rig.send("set")
    #expect(await sender.wait { sender.errors.contains("waiting for a receiver at 127.0.0.1:\(rig.port)") })
    sender.signal(SIGINT)
    #expect(await sender.wait() == 130)
  }

  @Test func aReceiverKilledHalfWayIsNamed() async {
    let rig = Rig()
    rig.makeSlowSet()
    let receiver = await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit", "--json")
    #expect(await rig.waitForData())
    receiver.signal(SIGKILL)
    #expect(await sender.wait() == 3)
    let receivers = sender.json["receivers"] as? [[String: Any]]
    #expect(receivers?.first?["outcome"] as? String == "silent")
    #expect(sender.errors.contains("(127.0.0.1): fell silent"))
  }

  /// The one that is started in its place is served, from the beginning, by the sender that runs.
  @Test func aReceiverKilledAndStartedAgainIsServed() async {
    let rig = Rig()
    rig.makeSlowSet()
    let first = await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit", "--json")
    #expect(await rig.waitForData())
    first.signal(SIGKILL)
    _ = await first.wait()
    await rig.receive()
    #expect(await rig.receiver?.wait() == 0)
    #expect(await sender.wait() == 0)
    #expect((sender.json["receivers"] as? [[String: Any]])?.count == 1)
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
    for name in rig.inbox { #expect(rig.scratch.isSame("set/\(name)", "inbox/\(name)")) }
  }

  /// What arrived stays for the next session of the set.
  private func isKept(_ rig: Rig) -> Bool { hasMap(rig.inbox) }

  /// The set's manifest is here, and parts are worth keeping: before that there is no map.
  private func hasMap(_ names: [String]) -> Bool { names.contains { $0.hasSuffix("/map") } }

  /// Its parts stay in the hidden folder; the next receiver goes on with them.
  @Test func whatAKilledReceiverLeftIsTakenUpByTheNext() async {
    let rig = Rig()
    rig.makeSlowSet()
    let receiver = await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData { hasMap($0) })
    receiver.signal(SIGKILL)
    _ = await receiver.wait()
    sender.signal(SIGKILL)
    _ = await sender.wait()
    #expect(isKept(rig))
    await rig.receive("--json")
    #expect(await rig.send("set").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
    #expect(rig.receiver?.json["chunksResumed"] as? Int ?? 0 > 0)
  }

  @Test func aSenderKilledHalfWayEndsTheReceiverByItsIdleTimeout() async {
    let rig = Rig()
    rig.makeSlowSet()
    let receiver = await rig.receive("--idle-timeout", "1s", "--json")
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData())
    sender.signal(SIGKILL)
    #expect(await receiver.wait() == 3)
    #expect(receiver.json["outcome"] as? String == "connectionLost")
    #expect(receiver.errors.contains("nothing came from the sender for 1 s"))
    #expect(isKept(rig) && receiver.json["arePartsKept"] as? Bool == true)
  }

  /// What the files are called that are whole.
  private func wholeFiles(_ rig: Rig) -> [String] { rig.inbox.filter { !$0.hasPrefix(".gallery-") } }

  /// Eight files that take 3 seconds.
  private func makeManyFiles(_ rig: Rig) {
    rig.scratch.folder("set")
    for index in 1...8 { rig.scratch.file("set/\(index).jpg", byteCount: 250_000, seed: UInt8(index)) }
  }

  /// A file is there as soon as it is whole, and stays, whichever side ends and however.
  @Test(arguments: [SIGINT, SIGKILL], [true, false])
  func filesThatAreWholeStayWhenASessionIsCutShort(signal: Int32, endsSender: Bool) async {
    let rig = Rig()
    makeManyFiles(rig)
    let receiver = await rig.receive("--idle-timeout", "1s")
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await receiver.wait { wholeFiles(rig).count >= 3 })
    (endsSender ? sender : receiver).signal(signal)
    let code = await receiver.wait()
    #expect(endsSender ? code == 3 : code == (signal == SIGINT ? 130 : 137))
    let names = wholeFiles(rig)
    #expect((3..<8).contains(names.count))
    for name in names { #expect(rig.scratch.isSame("set/\(name)", "inbox/\(name)")) }
    if endsSender { #expect(receiver.errors.contains("\(names.count) of 8 files verified")) }
  }

  /// It fails by name, at both sides; the others arrive.
  @Test(arguments: [0, 2_999_999])
  func aFileTruncatedWhileItIsSentFailsAlone(byteCount: off_t) async {
    let rig = Rig()
    rig.makeSlowSet()
    rig.scratch.file("set/c.jpg", byteCount: 10_000, seed: 3)
    await rig.receive()
    let sender = rig.send("set", "--rate", "5Mbit")
    #expect(await rig.waitForData())
    truncate(rig.scratch.path("set/b.jpg"), byteCount)
    #expect(await sender.wait() == 3)
    #expect(sender.errors.contains("b.jpg changed or was truncated"))
    #expect(sender.errors.contains("2 files verified, 1 failed: b.jpg"))
    #expect(await rig.receiver?.wait() == 4)
    #expect(rig.receiver?.errors.contains("b.jpg arrived damaged") == true)
    #expect(rig.inbox == ["a.jpg", "c.jpg"])
    for name in rig.inbox { #expect(rig.scratch.isSame("set/\(name)", "inbox/\(name)")) }
  }
}
