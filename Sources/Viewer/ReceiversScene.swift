#if Viewer
import CSDL2

/// The frame of a sender's window: a row for each receiver, and the strip of rates.
struct ReceiversScene {
  var strips: Strips
  let board: ReceiverBoard
  /// Rows that are scrolled away.
  var firstRow = 0

  init(_ snapshot: GalleryFeed.Snapshot, _ board: ReceiverBoard) {
    self.board = board
    strips = Strips(
      name: board.title, place: board.summary, status: snapshot.status,
      note: board.canStart ? "Enter starts with those that are here" : "", progress: snapshot.progress)
  }

  func draw(on canvas: Canvas) {
    let size = canvas.size
    var strips = strips
    strips.look = canvas.look
    let area = strips.room(in: size)
    let top = strips.captionHeight(in: size)
    let textHeight = strips.textHeight(in: size)
    canvas.clear(canvas.palette.background)
    var bottom = top + area.height - textHeight / 2
    if let traffic = board.traffic, area.height > 3 * TrafficScene.height(textHeight: textHeight) {
      bottom -= TrafficScene.height(textHeight: textHeight)
      TrafficScene(traffic: traffic).draw(
        x: textHeight, y: bottom, width: size.width - 2 * textHeight, textHeight: textHeight, on: canvas)
    }
    if board.rows.contains(where: { !$0.cells.isEmpty }) {
      bottom -= textHeight * 2
      drawLegend(x: textHeight, y: bottom, textHeight, on: canvas)
    }
    if board.rows.isEmpty {
      Scene.drawMessage("No receiver is here yet.", on: canvas, area, top: top)
    }
    var y = top + textHeight / 2
    for (place, row) in board.rows.enumerated().dropFirst(firstRow) {
      let height = Self.height(row, textHeight: textHeight)
      // The last line says how many have no room.
      let isLast = place == board.rows.count - 1 && board.furtherCount == 0
      guard y + height + (isLast ? 0 : textHeight * 2) <= bottom else {
        let left = board.rows.count - place + board.furtherCount
        canvas.text(
          "… \(left) more; ↑ ↓ scroll", x: textHeight, y: y, height: textHeight,
          width: size.width - 2 * textHeight, canvas.palette.quietText)
        break
      }
      draw(row, y: y, width: size.width, textHeight: textHeight, on: canvas)
      y += height
    }
    strips.draw(on: canvas)
  }

  private static func height(_ row: ReceiverBoard.Row, textHeight: Int) -> Int {
    textHeight * (row.note.isEmpty ? 4 : 11 / 2)
  }

  private func draw(_ row: ReceiverBoard.Row, y: Int, width: Int, textHeight: Int, on canvas: Canvas) {
    let margin = textHeight
    let left = margin + textHeight * 3 / 2
    let right = width - margin
    drawMark(row, x: margin, y: y + textHeight / 8, side: textHeight, on: canvas)
    let stateWidth = canvas.text(
      row.state.word, x: right, y: y, height: textHeight, width: width / 3,
      Self.color(row.state, canvas.palette), .trailing)
    let nameWidth = canvas.text(
      row.name, x: left, y: y, height: textHeight, width: width / 2, canvas.palette.text)
    canvas.text(
      row.address, x: left + nameWidth + textHeight, y: y, height: textHeight,
      width: max(1, right - stateWidth - left - nameWidth - 2 * textHeight), canvas.palette.quietText)
    let barTop = y + textHeight * 3 / 2
    let figures = canvas.text(
      row.figures, x: right, y: barTop, height: textHeight, width: width / 2, canvas.palette.quietText,
      .trailing)
    let percentWidth = textHeight * 7 / 2
    // All bars have one length, so that they compare.
    let barWidth = max(1, right - left - percentWidth - max(figures, textHeight * 20) - textHeight)
    let fraction = row.fraction.isNaN ? 0 : min(1, max(0, row.fraction))
    let bar = SDL_Rect(
      x: Int32(left), y: Int32(barTop + textHeight / 4), w: Int32(barWidth), h: Int32(textHeight * 3 / 4))
    if row.cells.isEmpty {
      canvas.fill(bar, canvas.palette.barTrack)
      canvas.fill(
        SDL_Rect(x: bar.x, y: bar.y, w: Int32(Double(barWidth) * fraction), h: bar.h),
        Self.color(row.state, canvas.palette))
    } else {
      drawMap(row.cells, x: left, y: barTop, width: barWidth, height: textHeight * 5 / 4, on: canvas)
    }
    // What is not whole never reads as 100 %.
    let percent = row.state == .whole ? 100 : min(99, Int(fraction * 100))
    canvas.text(
      "\(percent) %", x: left + barWidth + percentWidth, y: barTop, height: textHeight, width: percentWidth,
      canvas.palette.text, .trailing)
    canvas.text(
      row.note, x: left, y: barTop + textHeight * 3 / 2, height: textHeight, width: right - left,
      canvas.palette.quietText)
  }

  /// What the cells of the rows mean.
  private func drawLegend(x: Int, y: Int, _ textHeight: Int, on canvas: Canvas) {
    var left = x
    for state in [CellState.arrived, .asked, .repaired, .missing] {
      guard let word = state.sendersWord else { continue }
      var cell = CellPixels(size: PixelSize(width: textHeight, height: textHeight), palette: canvas.palette)
      cell.draw(state, atX: 0, y: 0, side: textHeight)
      canvas.blend(cell.pixels, size: cell.size, x: left, y: y + textHeight / 8)
      left += textHeight * 3 / 2
      left +=
        textHeight * 2
        + canvas.text(
          word, x: left, y: y, height: textHeight, width: max(1, canvas.size.width - left),
          canvas.palette.quietText)
    }
  }

  /// The row's map: squares of one size, or where the window is too narrow for shapes bars of their colours.
  private func drawMap(
    _ cells: [ReceiverBoard.Cell], x: Int, y: Int, width: Int, height: Int, on canvas: Canvas
  ) {
    let side = min(height, width / cells.count)
    guard side >= MapLayout.sides[MapLayout.sides.count - 1] else {
      for (place, cell) in cells.enumerated() {
        let left = place * width / cells.count
        let rect = SDL_Rect(
          x: Int32(x + left), y: Int32(y), w: Int32((place + 1) * width / cells.count - left),
          h: Int32(height))
        canvas.fill(rect, canvas.palette.cell(cell.state))
      }
      return
    }
    var pixels = CellPixels(
      size: PixelSize(width: side * cells.count, height: side), palette: canvas.palette)
    for (place, cell) in cells.enumerated() {
      pixels.draw(cell.state, atX: place * side, y: 0, side: side, fraction: cell.fraction)
    }
    canvas.blend(pixels.pixels, size: pixels.size, x: x, y: y + (height - side) / 2)
  }

  /// The state's shape, as in the map: a dot, a square that fills, a triangle, a square, a ring.
  private func drawMark(_ row: ReceiverBoard.Row, x: Int, y: Int, side: Int, on canvas: Canvas) {
    var cell = CellPixels(size: PixelSize(width: side, height: side), palette: canvas.palette)
    let state: CellState =
      switch row.state {
      case .here: .missing
      case .receiving: .partial
      case .slowest: .repaired
      case .whole: .rebuilt
      case .lost: .asked
      }
    cell.draw(state, atX: 0, y: 0, side: side, fraction: row.fraction)
    canvas.blend(cell.pixels, size: cell.size, x: x, y: y)
  }

  private static func color(_ state: ReceiverBoard.State, _ palette: Palette) -> Color {
    switch state {
    case .here: palette.quietText
    case .receiving: palette.arrived
    case .slowest: palette.repaired
    case .whole: palette.rebuilt
    case .lost: palette.asked
    }
  }
}
#endif
