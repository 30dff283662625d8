/// Which key does what: the one list from which the window takes its commands, and from which the help in the
/// window, the help of the commands and the table of keys in Specs/viewer.md take their text.
package enum KeyBindings {
  /// What the window shows: images and the map of their chunks, a recorded run, or the receivers of a sender.
  package enum Context: Sendable, CaseIterable { case images, replay, board }

  /// One line of help.
  package struct Line: Sendable, Equatable {
    package var keys: String
    package var meaning: String
  }

  /// Some keys, what they ask for, and what that means in each context (nil: nothing).
  private struct Row {
    var keys: String
    var commands: [WindowKey: WindowCommand] = [:]
    /// A key that is held asks again and again.
    var repeats = false
    var images: String?
    var replay: String?
    var board: String?

    func meaning(_ context: Context) -> String? {
      switch context {
      case .images: images
      case .replay: replay
      case .board: board
      }
    }

    /// A row that means the same everywhere.
    static func everywhere(
      _ keys: String, _ commands: [WindowKey: WindowCommand], repeats: Bool = false, _ meaning: String
    ) -> Row {
      Row(
        keys: keys, commands: commands, repeats: repeats, images: meaning, replay: meaning, board: meaning)
    }
  }

  private static let rows = [
    Row(
      keys: "← →", commands: [.left: .left, .right: .right], repeats: true,
      images: "the image before, the next image; in a zoomed image: move it",
      replay: "a fiftieth of the run back, on", board: "the receiver before, the next receiver"),
    Row(
      keys: "↑ ↓", commands: [.up: .up, .down: .down], repeats: true,
      images: "in the grid: a row up or down; in a zoomed image: move it",
      replay: "the NACK before, the next NACK", board: "the receiver before, the next receiver"),
    Row(
      keys: "Page Up, Page Down", commands: [.pageUp: .previousPage, .pageDown: .nextPage], repeats: true,
      images: "in the grid: a page; otherwise as ← and →", replay: "a tenth of the run back, on",
      board: "eight receivers back, on"),
    Row(
      keys: "Home, End", commands: [.home: .first, .end: .last], repeats: true,
      images: "the first image, the last image", replay: "the beginning, the end",
      board: "the first, the last receiver"),
    Row(
      keys: "Enter", commands: [.enter: .open], images: "in the grid: show this image; a click does the same",
      board: "start with the receivers that are here"),
    Row(keys: "G", commands: [.g: .toggleGrid], images: "the grid of all images, and back"),
    Row(keys: "M", commands: [.m: .toggleMap], images: "the map of the chunks, and back"),
    Row(
      keys: "+ −", commands: [.plus: .zoomIn, .minus: .zoomOut], repeats: true,
      images: "zoom; in the grid: the size of the thumbnails", replay: "faster, slower"),
    Row(
      keys: "0, 1", commands: [.zero: .zoomToFit, .one: .zoomToFull],
      images: "the whole image; 100 %, one pixel for one", replay: "the usual speed; as fast as the run was"),
    Row(
      keys: "wheel", images: "zoom at the pointer; in the grid: scroll", replay: "back, on",
      board: "other receivers, where they do not all fit"),
    Row(
      keys: "click, drag", images: "in the grid: show an image, scroll; in a zoomed image: move it",
      replay: "on the time line: go there"),
    Row(
      keys: "pointer", images: "on a cell of the map: what happened to its chunk",
      replay: "on a cell: what happened to its chunk"),
    Row(
      keys: "Space", commands: [.space: .togglePause], images: "slide show: stop, go on", replay: "play, stop"
    ),
    Row(
      keys: "S", commands: [.s: .toggleShuffle], images: "slide show: in a mixed order, and in order again"),
    Row(keys: "R", commands: [.r: .toggleDirection], replay: "play backwards, forwards"),
    Row(
      keys: ", .", commands: [.comma: .stepBack, .period: .stepForward], repeats: true,
      replay: "a datagram back, a datagram on"),
    Row(
      keys: "D", commands: [.d: .goToDifference], replay: "of two traces: the first difference"),
    .everywhere("T", [.t: .toggleTheme], "light, dark"),
    .everywhere(
      "Ctrl + −", [.controlPlus: .textLarger, .controlMinus: .textSmaller], repeats: true,
      "larger, smaller text"),
    .everywhere("F", [.f: .toggleFullScreen], "full screen, and back"),
    .everywhere("?", [.question: .toggleHelp], "these keys"),
    Row(
      keys: "Esc", commands: [.escape: .back], images: "back to the grid, or close the window",
      replay: "close the window", board: "close the window, and end what is under way"),
    Row(
      keys: "Q", commands: [.q: .quit], images: "close the window", replay: "close the window",
      board: "close the window, and end what is under way"),
  ]

  private static let commands: [WindowKey: (command: WindowCommand, repeats: Bool)] = {
    var all: [WindowKey: (WindowCommand, Bool)] = [:]
    for row in rows { for (key, command) in row.commands { all[key] = (command, row.repeats) } }
    return all
  }()

  /// The command of a key. Nil for a key that is held, where repeating makes no sense.
  package static func command(of key: WindowKey, isRepeated: Bool = false) -> WindowCommand? {
    guard let found = commands[key], found.repeats || !isRepeated else { return nil }
    return found.command
  }

  /// All keys and mouse actions, for people.
  package static func lines(_ context: Context) -> [Line] {
    rows.compactMap { row in row.meaning(context).map { Line(keys: row.keys, meaning: $0) } }
  }

  /// The table of Specs/viewer.md: a row for each key, a column for each context.
  package static var table: String {
    let head = [
      "| key | images and map | replay | receivers of a sender |", "| --- | --- | --- | --- |",
    ]
    let body = rows.map { row in
      "| \(row.keys) | " + Context.allCases.map { row.meaning($0) ?? "" }.joined(separator: " | ") + " |"
    }
    return (head + body).joined(separator: "\n")
  }

  /// The same as one paragraph for `--help`.
  package static let paragraph =
    "Keys: ? lists them all. Arrows, Page Up, Page Down, Home and End move; Enter or a click shows an image; G "
    + "shows the grid, M the map of the chunks; + - or the wheel zoom, 0 fits, 1 is 100 %; space stops the slide "
    + "show, S mixes it; T changes between light and dark, Ctrl + and Ctrl - the size of the text; F toggles full "
    + "screen; Esc goes back; Q quits."

  /// Those of a replay, for `--help`.
  package static let replayParagraph =
    "Keys of a replay: space plays and stops; , and . step by a datagram, the arrows up and down by a NACK, left and "
    + "right through the run; + and - change the speed, R the direction; Home and End; D goes to the first difference "
    + "of two traces; the pointer on a cell tells what happened to its chunk; ? lists all of them."
}
