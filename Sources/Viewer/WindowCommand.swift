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
  case togglePause, toggleShuffle
  /// In a replay: a datagram back or on, and the direction of time.
  case stepBack, stepForward, toggleDirection
  /// In a replay of two traces: where they first differ.
  case goToDifference
  case zoomIn, zoomOut, zoomToFit, zoomToFull
  case toggleTheme, textLarger, textSmaller
  case toggleFullScreen, toggleGrid, toggleMap, toggleHelp
  case quit
}
