import Glibc
import Testing
import Viewer

struct KeyBindingsTests {
  @Test func everyKeyDoesSomethingOfItsOwn() {
    let commands = WindowKey.allCases.map { KeyBindings.command(of: $0) }
    for command in WindowCommand.allCases {
      #expect(commands.count { $0 == command } == 1, "\(command)")
    }
  }

  /// A key that is held moves on, and switches nothing to and fro.
  @Test(arguments: WindowKey.allCases)
  func aHeldKeySwitchesNothing(key: WindowKey) {
    let moves: Set<WindowKey> = [
      .left, .right, .up, .down, .pageUp, .pageDown, .home, .end, .plus, .minus, .comma,
      .period, .controlPlus, .controlMinus,
    ]
    #expect((KeyBindings.command(of: key, isRepeated: true) != nil) == moves.contains(key))
  }

  @Test(arguments: [
    "G", "M", "F", "Q", "S", "T", "?", "Esc", "Space", "Home", "Enter", "wheel", "drag", "0, 1", "Ctrl",
  ])
  func theHelpNamesIt(key: String) {
    #expect(KeyBindings.lines(.images).contains { $0.keys.contains(key) })
  }

  @Test(arguments: [
    "Space", "R", "D", ",", ".", "←", "↑", "Home", "+", "0, 1", "click", "pointer", "F", "T", "?", "Esc",
  ])
  func theHelpOfAReplayNamesIt(key: String) {
    #expect(KeyBindings.lines(.replay).contains { $0.keys.contains(key) })
  }

  /// The page has the table that the program's own list makes.
  @Test func thePageHasTheTable() throws {
    let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Specs/viewer.md"
    let stream = try #require(fopen(path, "r"), "no \(path)")
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, stream)
    let page = String(decoding: bytes.prefix(count), as: UTF8.self)
    #expect(page.contains(KeyBindings.table), "Specs/viewer.md needs this table:\n\(KeyBindings.table)")
  }
}

struct FlipPaceTests {
  private let millisecond: UInt64 = 1_000_000

  @Test func twoQuickStepsAreLeafing() {
    var pace = FlipPace()
    #expect(!pace.isLeafing(now: 0))
    pace.noteStep(1, now: 1000 * millisecond)
    #expect(!pace.isLeafing(now: 1000 * millisecond), "one step")
    pace.noteStep(1, now: 1030 * millisecond)
    #expect(pace.isLeafing(now: 1031 * millisecond) && pace.direction == 1)
    let end = pace.end(now: 1031 * millisecond)
    #expect(end == 1150 * millisecond)
    #expect(!pace.isLeafing(now: 1150 * millisecond) && pace.end(now: 1150 * millisecond) == nil)
    pace.noteStep(1, now: 1160 * millisecond)
    pace.noteRelease()
    #expect(!pace.isLeafing(now: 1161 * millisecond), "a key that was held is released")
    pace.noteStep(-1, now: 3000 * millisecond)
    #expect(!pace.isLeafing(now: 3000 * millisecond) && pace.direction == -1)
  }
}
