import Foundation
import Ground
import Testing
import Transport
import Viewer

import gallery

/// The window of a sender, without a display.
@Suite(.sideBySide) struct SendingWindowTests {
  @Test func enterCountsOnce() {
    let window = SendingWindow(title: "set", canWait: true)
    #expect(!window.takeStart())
    window.wantStart()
    #expect(window.takeStart() && !window.takeStart())
    window.tell(.joined(ReceiverJoin(name: "attic", address: "10.0.0.9", receiverID: "0a")))
    let board = window.feed.snapshot().board
    #expect(board?.rows.map(\.name) == ["attic"] && board?.canStart == true)
  }

  /// The picture that a real transfer leaves, and the exit codes that it does not change.
  @Test(arguments: [0, 5])
  func aTransferLeavesAPicture(code: Int32) async throws {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 300_000)
    if code == 0 { await rig.receive() }
    let picture = rig.scratch.path("board.png")
    let sender = Program(
      [
        "send", rig.scratch.path("set"), "--to", "127.0.0.1:\(rig.port)", "--wait", "1s", "--screenshot",
        picture,
      ], in: rig.scratch)
    #expect(await sender.wait() == code)
    if code == 0 { #expect(await rig.receiver?.wait() == 0) }
    #expect(try Data(contentsOf: URL(filePath: picture)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  @Test func withoutADisplayItSaysSo() async {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 3)
    let sender = Program(
      ["send", rig.scratch.path("set"), "--to", "127.0.0.1:\(rig.port)", "--window"], in: rig.scratch,
      prefix: ["env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY", "-u", "SDL_VIDEODRIVER"])
    #expect(await sender.wait() == 7)
    #expect(sender.errors.contains("no display to open a window on"))
  }
}
