import Foundation
import Testing

/// A file that was left out of the set at the scan: the rest is sent, and no report says that all went well.
@Suite(.sideBySide) struct SendEndingTests {
  /// A set of one file and another whose name is not UTF-8, which no manifest can carry.
  private func makeSet(_ rig: Rig) {
    rig.scratch.folder("set")
    rig.scratch.file("set/good.jpg", byteCount: 3_000)
    let path = Array(rig.scratch.path("set/").utf8) + [UInt8(ascii: "b"), 0xFF] + Array(".jpg".utf8) + [0]
    let descriptor = path.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { name in
        name.baseAddress.map { open($0, O_WRONLY | O_CREAT, 0o644) } ?? -1
      }
    }
    #expect(descriptor >= 0)
    close(descriptor)
  }

  @Test(arguments: [
    ["--mode", "unicast"], ["--mode", "tcp"], ["--protocol", "naive", "--wait", "100ms"],
    ["--protocol", "naive", "--mode", "tcp"],
  ])
  func theReportSaysSo(words: [String]) async {
    let rig = Rig()
    makeSet(rig)
    await rig.receive(words.filter { $0 != "--wait" && $0 != "100ms" })
    let sender = Program(
      ["send", rig.scratch.path("set"), "--to", "127.0.0.1:\(rig.port)", "--json"] + words, in: rig.scratch)
    #expect(await sender.wait() == 3)
    #expect(sender.json["isWhole"] as? Bool == false)
    #expect(sender.json["exitCode"] as? Int == 3)
    #expect((sender.json["leftOut"] as? String)?.contains("b\\xff.jpg") == true)
    #expect(sender.errorLines.last?.hasPrefix("gallery: not all was sent: ") == true)
    #expect(await rig.receiver?.wait() == 0)
    #expect(rig.inbox.count == 1)
  }

  @Test func theReportOfSeveralSessionsSaysSo() async {
    let rig = Rig()
    let other = Rig()
    makeSet(rig)
    await rig.receive()
    await other.receive()
    let sender = rig.send("set", "--to", "127.0.0.1:\(other.port)", "--json")
    #expect(await sender.wait() == 3)
    #expect(sender.json["isWhole"] as? Bool == false)
    #expect((sender.json["sessions"] as? [Any])?.count == 2)
    #expect(await rig.receiver?.wait() == 0)
    #expect(await other.receiver?.wait() == 0)
  }

  /// Of a set that was sent as a whole the report says that, where the receivers told it.
  @Test(arguments: ["unicast", "tcp"])
  func aWholeSetIsWhole(mode: String) async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/good.jpg", byteCount: 3_000)
    await rig.receive(["--mode", mode])
    let sender = rig.send("set", "--mode", mode, "--json")
    #expect(await sender.wait() == 0)
    #expect(sender.json["isWhole"] as? Bool == true)
    #expect(sender.json["exitCode"] as? Int == 0)
    #expect(sender.json["leftOut"] == nil)
    #expect(await rig.receiver?.wait() == 0)
  }
}
