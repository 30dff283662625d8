import Foundation
import Testing

/// `show` and `view` where there is nothing to open a window on: they say so and end, rather than show it to
/// nobody.
@Suite(.sideBySide) struct DisplayTests {
  private static let without = ["env", "-u", "DISPLAY", "-u", "WAYLAND_DISPLAY", "-u", "SDL_VIDEODRIVER"]

  private func run(_ rig: Rig, _ arguments: [String]) -> Program {
    Program(arguments, in: rig.scratch, prefix: Self.without)
  }

  @Test func viewSaysWhatToDo() async {
    let rig = Rig()
    rig.makeSlowSet()
    let view = run(rig, ["view", rig.scratch.path("set")])
    #expect(await view.wait() == 7)
    #expect(
      view.errors
        == "gallery: no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set): use --screenshot FILE, or run under xvfb-run\n"
    )
  }

  @Test func showSaysWhatToDo() async {
    let rig = Rig()
    let show = run(rig, ["show", "--port", "\(rig.port)", "--into", rig.scratch.path("inbox")])
    #expect(await show.wait() == 7)
    #expect(show.errors.hasSuffix("or run under xvfb-run; gallery receive needs no display\n"))
    #expect(show.errors.split(separator: "\n").count == 1)
    #expect(rig.inbox.isEmpty)
  }

  /// A display that is named and not there.
  @Test func aDisplayThatDoesNotAnswer() async {
    let rig = Rig()
    rig.makeSlowSet()
    let view = Program(
      ["view", rig.scratch.path("set")], in: rig.scratch, prefix: Self.without + ["DISPLAY=:59999"])
    #expect(await view.wait() == 7)
    #expect(view.errorLines.count == 1 && view.errors.contains("no display to open a window on"))
  }

  @Test func aPictureNeedsNoDisplay() async {
    let rig = Rig()
    rig.makeSlowSet()
    let view = run(
      rig, ["view", rig.scratch.path("set"), "--screenshot", rig.scratch.path("picture.png")])
    #expect(await view.wait() == 0)
    #expect(FileManager.default.fileExists(atPath: rig.scratch.path("picture.png")))
  }

  /// The grid can be had without a display too; what contradicts it is refused.
  @Test func theGridIsAPictureOfItsOwn() async throws {
    let rig = Rig()
    rig.makeSlowSet()
    let set = rig.scratch.path("set")
    var pictures: [Data] = []
    for mode in ["grid", "image"] {
      let picture = rig.scratch.path("\(mode).png")
      let view = run(rig, ["view", set, "--as", mode, "--screenshot", picture])
      #expect(await view.wait() == 0)
      pictures.append(try Data(contentsOf: URL(filePath: picture)))
    }
    #expect(pictures[0] != pictures[1])
    for words in [
      ["--as", "map"], ["--as", "grid", "--interval", "1s"], ["--as", "grid", "--close"],
      ["--cache", "1MB"], ["--screenshot", "x.png", "--cache", "1GB"],
    ] {
      let view = run(rig, ["view", set] + words)
      #expect(await view.wait() == 64, "\(words)")
    }
  }
}
