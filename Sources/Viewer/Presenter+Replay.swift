#if Viewer
/// A replay in the window.
extension Presenter {
  func beginReplay(_ recording: Recording, now: UInt64) {
    var player = ReplayPlayer(recording)
    show(.map)
    // A person who names a moment wants to look at it.
    if let place = options.place { player.seek(to: place) } else { player.togglePlaying(now: now) }
    self.player = player
  }

  /// Whether the window is to close.
  func performInReplay(_ command: WindowCommand, now: UInt64) -> Bool {
    switch command {
    case .back: return true
    case .togglePause: player?.togglePlaying(now: now)
    case .toggleDirection: player?.toggleDirection(now: now)
    case .left: player?.skip(-1 / 50)
    case .right: player?.skip(1 / 50)
    case .previousPage: player?.skip(-1 / 10)
    case .nextPage: player?.skip(1 / 10)
    case .up: player?.goToNack(forward: false)
    case .down: player?.goToNack(forward: true)
    case .first: player?.seek(to: .fraction(0))
    case .last: player?.seek(to: .fraction(1))
    case .stepBack: player?.step(by: -1)
    case .stepForward: player?.step(by: 1)
    case .goToDifference: player?.goToDifference()
    case .zoomIn: player?.changeSpeed(by: 1)
    case .zoomOut: player?.changeSpeed(by: -1)
    case .zoomToFit: player?.resetSpeed()
    case .zoomToFull: player?.useRealTime()
    default: break
    }
    return false
  }

  /// The time line under the pointer.
  func seek(x: Int, y: Int) {
    guard let player else { return }
    let strips = Strips(
      name: player.recording.title, status: player.placeText, note: player.paceText, look: look)
    guard let part = ReplayBar.fraction(atX: x, y: y, strips: strips, in: display.canvas.size) else { return }
    setNeedsDrawing()
    self.player?.seek(to: .fraction(part))
  }

  /// The mouse has left the window.
  func leave() {
    pointer = nil
    setNeedsDrawing()
  }

  /// The mouse has moved: the map tells of another cell.
  func point(atX x: Int, y: Int) {
    pointer = (x, y)
    if mode == .map { setNeedsDrawing() }
  }
}
#endif
