/// What a key asks the window to do. Some commands mean something else in the grid, in an image and in the
/// map; `KeyBindings` says what.
package enum WindowCommand: Sendable, Equatable, CaseIterable {
  case left, right, up, down
  case previousPage, nextPage
  case first, last
  /// Shows the selected image.
  case open
  /// Leaves the help, the map or the image; at the top, the window.
  case back
  case togglePause
  /// In a replay: a datagram back or on, and the direction of time.
  case stepBack, stepForward, toggleDirection
  case zoomIn, zoomOut, zoomToFit, zoomToFull
  case toggleFullScreen, toggleGrid, toggleMap, toggleHelp
  case quit
}
