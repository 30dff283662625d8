/// Which key does what: the one list from which the window takes its commands, and both the help in the
/// window and the help of the commands take their text.
package enum KeyBindings {
  /// One line of help.
  package struct Line: Sendable, Equatable {
    package var keys: String
    package var meaning: String
  }

  /// The command of a key. Nil for a key that is held, where repeating makes no sense.
  package static func command(of key: WindowKey, isRepeated: Bool = false) -> WindowCommand? {
    let command = command(of: key)
    return isRepeated && !repeats(command) ? nil : command
  }

  private static func command(of key: WindowKey) -> WindowCommand {
    switch key {
    case .left: .left
    case .right: .right
    case .up: .up
    case .down: .down
    case .pageUp: .previousPage
    case .pageDown: .nextPage
    case .home: .first
    case .end: .last
    case .enter: .open
    case .escape: .back
    case .space: .togglePause
    case .plus: .zoomIn
    case .minus: .zoomOut
    case .zero: .zoomToFit
    case .one: .zoomToFull
    case .f: .toggleFullScreen
    case .g: .toggleGrid
    case .m: .toggleMap
    case .q: .quit
    case .r: .toggleDirection
    case .comma: .stepBack
    case .period: .stepForward
    case .question: .toggleHelp
    }
  }

  private static func repeats(_ command: WindowCommand) -> Bool {
    switch command {
    case .left, .right, .up, .down, .previousPage, .nextPage, .zoomIn, .zoomOut, .first, .last,
      .stepBack, .stepForward:
      true
    case .open, .back, .togglePause, .zoomToFit, .zoomToFull, .toggleFullScreen, .toggleGrid, .toggleMap,
      .toggleHelp, .toggleDirection, .quit:
      false
    }
  }

  /// All keys and mouse actions, for people.
  package static let lines = [
    Line(keys: "← →", meaning: "the image before, the next image; in a zoomed image: move it"),
    Line(keys: "↑ ↓", meaning: "in the grid: a row up or down; in a zoomed image: move it"),
    Line(keys: "Page Up, Page Down", meaning: "in the grid: a page; otherwise as ← and →"),
    Line(keys: "Home, End", meaning: "the first image, the last image"),
    Line(keys: "Enter, click", meaning: "in the grid: show this image"),
    Line(keys: "G", meaning: "the grid of all images, and back"),
    Line(keys: "M", meaning: "the map of the chunks, and back"),
    Line(keys: "+ −, wheel", meaning: "zoom; in the grid: + and − change the size, the wheel scrolls"),
    Line(keys: "0, 1", meaning: "the whole image; 100 %, one pixel for one"),
    Line(keys: "drag", meaning: "move a zoomed image"),
    Line(keys: "Space", meaning: "slide show: stop, go on"),
    Line(keys: "F", meaning: "full screen, and back"),
    Line(keys: "?", meaning: "these keys"),
    Line(keys: "Esc", meaning: "back to the grid, or close the window"),
    Line(keys: "Q", meaning: "close the window"),
  ]

  /// Those of a replay.
  package static let replayLines = [
    Line(keys: "Space", meaning: "play, stop"),
    Line(keys: "R", meaning: "play backwards, forwards"),
    Line(keys: ", .", meaning: "a datagram back, a datagram on"),
    Line(keys: "← →", meaning: "a fiftieth of the run back, on; Page Up, Page Down: a tenth"),
    Line(keys: "↑ ↓", meaning: "the NACK before, the next NACK"),
    Line(keys: "Home, End", meaning: "the beginning, the end"),
    Line(keys: "+ −", meaning: "faster, slower"),
    Line(keys: "0, 1", meaning: "the usual speed; as fast as the run was"),
    Line(keys: "click, drag", meaning: "on the time line: go there; the wheel: back, on"),
    Line(keys: "pointer", meaning: "on a cell: what happened to its chunk"),
    Line(keys: "F", meaning: "full screen, and back"),
    Line(keys: "?", meaning: "these keys"),
    Line(keys: "Esc, Q", meaning: "close the window"),
  ]

  /// Those of a sender's window.
  package static let boardLines = [
    Line(keys: "Enter", meaning: "start with the receivers that are here"),
    Line(keys: "↑ ↓, wheel", meaning: "other receivers, where they do not all fit"),
    Line(keys: "Home, End", meaning: "the first, the last receiver"),
    Line(keys: "F", meaning: "full screen, and back"),
    Line(keys: "?", meaning: "these keys"),
    Line(keys: "Esc, Q", meaning: "close the window, and end what is under way"),
  ]

  /// The same as one paragraph for `--help`.
  package static let paragraph =
    "Keys: ? lists them all. Arrows, Page Up, Page Down, Home and End move; Enter or a click shows an image; G "
    + "shows the grid, M the map of the chunks; + - or the wheel zoom, 0 fits, 1 is 100 %; space stops the slide "
    + "show; F toggles full screen; Esc goes back; Q quits."

  /// Those of a replay, for `--help`.
  package static let replayParagraph =
    "Keys of a replay: space plays and stops; , and . step by a datagram, the arrows up and down by a NACK, left and "
    + "right through the run; + and - change the speed, R the direction; Home and End; the pointer on a cell tells "
    + "what happened to its chunk; ? lists all of them."
}
