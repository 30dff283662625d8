#if Viewer
/// Two runs of which one replay shows the same time, side by side.
extension MapScene {
  /// Each run in a half of the window: its name, its map, and what its last datagram did.
  func drawBeside(
    _ delivery: DeliveryMap, in area: PixelSize, top: Int, _ textHeight: Int, on canvas: Canvas
  ) {
    guard let beside, let replay else { return }
    let margin = textHeight
    let width = max(1, area.width - 2 * margin)
    let bottom = top + area.height - margin / 2 - ReplayBar.height(textHeight: textHeight)
    replay.draw(x: margin, y: bottom, width: width, textHeight: textHeight, on: canvas)
    let half = max(1, (width - margin) / 2)
    let left = Recording.Side(title: strips.name, delivery: delivery, line: replay.firstLine)
    var hovered: (Range<UInt64>, DeliveryMap)?
    for (side, x) in [(left, margin), (beside, margin + half + margin)] {
      var y = top + margin / 2
      canvas.text(side.title, x: x, y: y, height: textHeight, width: half, canvas.palette.text)
      y = drawLegend(
        side.delivery, x: x, y: y + textHeight * 3 / 2, width: half, textHeight, on: canvas)
      let end = bottom - textHeight * 2
      canvas.text(side.line, x: x, y: end, height: textHeight, width: half, canvas.palette.text)
      let sections = drawSections(
        side.delivery, x: x, y: y, PixelSize(width: half, height: max(1, end - y)), textHeight, on: canvas)
      if let pointer, let chunks = sections.lazy.compactMap({ $0.chunks(atX: pointer.x, y: pointer.y) }).first
      {
        hovered = (chunks, side.delivery)
      }
    }
    guard let pointer, let hovered else { return }
    CellCard(hovered.0, hovered.1).draw(at: pointer, textHeight: textHeight, on: canvas)
  }
}
#endif
