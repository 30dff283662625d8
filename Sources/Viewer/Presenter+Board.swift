#if Viewer
/// The window of a sender.
extension Presenter {
  func drawBoard(_ board: ReceiverBoard) {
    var scene = ReceiversScene(snapshot, board)
    firstRow = min(firstRow, max(0, board.rows.count - 1))
    scene.firstRow = firstRow
    scene.draw(on: display.canvas)
  }

  /// Whether the window is to close.
  func performInBoard(_ command: WindowCommand) -> Bool {
    switch command {
    case .back: return true
    case .open: options.onStart?()
    case .up, .left: scrollBoard(-1)
    case .down, .right: scrollBoard(1)
    case .previousPage: scrollBoard(-8)
    case .nextPage: scrollBoard(8)
    case .first: firstRow = 0
    case .last: scrollBoard(.max)
    default: break
    }
    return false
  }

  func scrollBoard(_ rows: Int) {
    let last = max(0, (snapshot.board?.rows.count ?? 0) - 1)
    firstRow = min(last, max(0, rows == .max ? last : firstRow + rows))
  }
}
#endif
