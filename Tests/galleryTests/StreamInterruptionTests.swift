import Foundation
import Testing

/// Over TCP, one side goes away in the middle of a transfer. TCP cannot be slowed down, so one side is
/// stopped as soon as bytes of the second file are stored: what happens then happens half-way.
@Suite(.sideBySide) struct StreamInterruptionTests {
  private let rig = Rig()

  /// One small file that is whole soon, and one that takes a while; both sides run.
  private func begin(_ receiverArguments: String...) async -> (sender: Program, receiver: Program) {
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 100_000)
    rig.scratch.sparseFile("set/b.jpg", byteCount: 400_000_000)
    let receiver = await rig.receive(["--mode", "tcp"] + receiverArguments)
    return (rig.send("set", "--mode", "tcp", "--json"), receiver)
  }

  private func stopHalfWay(_ program: Program) async {
    #expect(await rig.waitForData { $0.contains("a.jpg") })
    program.signal(SIGSTOP)
  }

  /// What the sender's summary says of its receiver.
  private func told(_ sender: Program) -> [String: Any] {
    (sender.json["receivers"] as? [[String: Any]])?.first ?? [:]
  }

  /// The verified file, and what arrived of the other one, for the next session.
  private var keepsWhatArrived: Bool {
    rig.inbox.filter { !$0.hasPrefix(".gallery-") } == ["a.jpg"] && rig.inbox.count > 1
      && rig.scratch.isSame("set/a.jpg", "inbox/a.jpg")
  }

  /// The verified file, and nothing else: no part, no work folder.
  private var keepsTheVerifiedOnly: Bool {
    rig.inbox == ["a.jpg"] && rig.scratch.isSame("set/a.jpg", "inbox/a.jpg")
  }

  @Test func aReceiverKilledIsNamed() async {
    let (sender, receiver) = await begin()
    await stopHalfWay(receiver)
    receiver.signal(SIGKILL)
    #expect(await sender.wait() == 3)
    #expect(told(sender)["outcome"] as? String == "connectionLost")
    #expect(sender.errors.contains("lost receiver 127.0.0.1:\(rig.port)"))
    #expect(sender.errors.contains("send again for the rest"))
    // The next receiver goes on with its part.
    #expect(keepsWhatArrived)
    await rig.receive(["--mode", "tcp"])
    #expect(await rig.send("set", "--mode", "tcp").wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox == ["a.jpg", "b.jpg"])
    #expect(rig.scratch.isSame("set/b.jpg", "inbox/b.jpg"))
  }

  @Test func aSenderKilledEndsTheReceiverAtOnce() async {
    let (sender, receiver) = await begin("--json")
    await stopHalfWay(sender)
    sender.signal(SIGKILL)
    #expect(await receiver.wait() == 3)
    #expect(receiver.json["outcome"] as? String == "connectionLost")
    #expect(receiver.errors.contains("1 of 2 files verified"))
    #expect(keepsWhatArrived)
  }

  /// Its host went away: no end of the connection comes.
  @Test func aSenderThatSaysNothingMoreEndsTheReceiverByItsIdleTimeout() async {
    let (sender, receiver) = await begin("--idle-timeout", "1s", "--json")
    await stopHalfWay(sender)
    #expect(await receiver.wait() == 3)
    #expect(receiver.json["outcome"] as? String == "connectionLost")
    #expect(receiver.errors.contains("next to nothing arrived for 1 s"))
    #expect(keepsWhatArrived)
    sender.signal(SIGCONT)
    #expect(await sender.wait() == 3)
  }

  @Test func ctrlCAtTheSenderEndsBoth() async {
    let (sender, receiver) = await begin("--json")
    await stopHalfWay(receiver)
    sender.signal(SIGINT)
    usleep(100_000)
    receiver.signal(SIGCONT)
    #expect(await sender.wait() == 130)
    #expect(told(sender)["outcome"] as? String == "endedByUser")
    #expect(await receiver.wait() == 3)
    #expect(receiver.errors.contains("the other side ended it: ended by its user"))
    #expect(keepsWhatArrived)
  }

  @Test func ctrlCAtTheReceiverEndsBoth() async {
    let (sender, receiver) = await begin("--json")
    await stopHalfWay(sender)
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
    #expect(receiver.json["outcome"] as? String == "endedByUser")
    #expect(receiver.json["arePartsKept"] as? Bool == true)
    #expect(receiver.errors.contains("--no-resume starts over"))
    sender.signal(SIGCONT)
    #expect(await sender.wait() == 3)
    #expect(told(sender)["outcome"] as? String == "refused")
    #expect(sender.errors.contains("the other side ended it: ended by its user"))
    #expect(keepsWhatArrived)
  }

  @Test func ctrlCWhileNobodyHasComeYet() async {
    let receiver = await rig.receive("--mode", "tcp")
    receiver.signal(SIGINT)
    #expect(await receiver.wait() == 130)
    rig.makeSlowSet()
    let sender = rig.send("set", "--mode", "tcp")
    #expect(await sender.wait { sender.errors.contains("2 files") })
    usleep(200_000)
    sender.signal(SIGINT)
    #expect(await sender.wait() == 130)
  }

  @Test(arguments: [0, 399_999_999])
  func aFileTruncatedWhileItIsSentFailsAlone(byteCount: off_t) async {
    let (sender, receiver) = await begin()
    await stopHalfWay(receiver)
    truncate(rig.scratch.path("set/b.jpg"), byteCount)
    receiver.signal(SIGCONT)
    #expect(await sender.wait() == 3)
    #expect(sender.errors.contains("b.jpg changed or was truncated"))
    #expect(await receiver.wait() == 4)
    #expect(receiver.errors.contains("b.jpg arrived damaged"))
    #expect(keepsTheVerifiedOnly)
  }
}
