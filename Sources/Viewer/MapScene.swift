import CSDL2

/// The frame of the map: the chunks of the whole set, below them those of one file, and what the cells mean.
struct MapScene {
  var strips = Strips()
  var delivery: DeliveryMap?
  /// The file whose chunks are shown by themselves: the image that was on show.
  var file: Int?

  init(_ snapshot: GalleryFeed.Snapshot, _ entry: GalleryFeed.Entry?) {
    strips = Strips(name: "How the chunks arrive", status: snapshot.status, progress: snapshot.progress)
    delivery = snapshot.delivery
    if let entry {
      strips.place = Strips.facts(of: entry, nil, place: snapshot.place(of: entry))
      file = entry.item.file
    }
  }

  func draw(on canvas: Canvas) {
    let size = canvas.size
    let area = strips.room(in: size)
    let top = strips.captionHeight(in: size)
    canvas.clear(Palette.background)
    if let delivery, delivery.chunkCount > 0 {
      draw(delivery, in: area, top: top, on: canvas)
    } else {
      Scene.drawMessage(
        "No map: it shows chunks that arrive over UDP, from the first one on.", on: canvas, area, top: top)
    }
    strips.draw(on: canvas)
  }

  private func draw(_ delivery: DeliveryMap, in area: PixelSize, top: Int, on canvas: Canvas) {
    let textHeight = Strips.textHeight(in: canvas.size)
    let margin = textHeight
    let width = max(1, area.width - 2 * margin)
    var y = top + margin / 2
    let all = 0..<delivery.chunkCount
    y = drawLegend(delivery.totals, x: margin, y: y, width: width, textHeight, on: canvas)
    let file = file.flatMap { $0 < delivery.fileCount ? delivery.file($0) : nil }
    let bottom = top + area.height - margin / 2
    let room = bottom - y - (file == nil ? 2 : 4) * textHeight
    guard room > MapLayout.sides[0] else { return }
    let share = file == nil ? room : room * 2 / 3
    y = drawSection(
      "The set: \(delivery.chunkCount) chunks", all, delivery, x: margin, y: y,
      PixelSize(width: width, height: share), textHeight, on: canvas)
    guard let file else { return }
    let counts = delivery.counts(file.chunks)
    let state = counts.missing == 0 ? "whole" : "\(counts.missing) missing"
    _ = drawSection(
      "\(file.name): \(file.chunks.count) chunks, \(state)", file.chunks, delivery, x: margin,
      y: y + textHeight / 2,
      PixelSize(width: width, height: max(MapLayout.sides[0], bottom - y - 3 * textHeight)),
      textHeight, on: canvas)
  }

  /// A title and cells. Returns where the next section begins.
  private func drawSection(
    _ title: String, _ chunks: Range<UInt64>, _ delivery: DeliveryMap, x: Int, y: Int, _ room: PixelSize,
    _ textHeight: Int, on canvas: Canvas
  ) -> Int {
    let layout = MapLayout(chunks: chunks, area: room)
    let scaleWidth = canvas.text(
      layout.scale, x: x + room.width, y: y, height: textHeight, width: room.width / 3, Palette.quietText,
      .trailing)
    canvas.text(
      title, x: x, y: y, height: textHeight, width: max(1, room.width - scaleWidth - textHeight), Palette.text
    )
    var cells = CellPixels(size: layout.size)
    for cell in 0..<layout.cellCount {
      let counts = delivery.counts(layout.chunks(ofCell: cell))
      let (cellX, cellY) = layout.corner(ofCell: cell)
      cells.draw(
        CellState(counts), atX: cellX, y: cellY, side: layout.side,
        fraction: Double(counts.arrived) / Double(max(1, counts.total)))
    }
    let top = y + textHeight * 3 / 2
    canvas.blend(cells.pixels, size: cells.size, x: x, y: top)
    return top + layout.size.height
  }

  /// Each state with its shape, its word and its count, in as many lines as it takes.
  private func drawLegend(
    _ counts: DeliveryMap.Counts, x: Int, y: Int, width: Int, _ textHeight: Int, on canvas: Canvas
  ) -> Int {
    let first = counts.arrived - min(counts.arrived, counts.repaired + counts.rebuilt)
    let numbers: [(CellState, UInt64?)] = [
      (.arrived, first), (.repaired, counts.repaired), (.rebuilt, counts.rebuilt), (.asked, counts.asked),
      (.missing, counts.missing), (.partial, nil),
    ]
    var (left, top) = (x, y)
    for (state, number) in numbers {
      let text = state.word + (number.map { " \($0)" } ?? "")
      let length = textHeight * 3 / 2 + canvas.textWidth(text, height: textHeight) + textHeight * 3 / 2
      if left > x, left + length > x + width { (left, top) = (x, top + textHeight * 3 / 2) }
      var cell = CellPixels(size: PixelSize(width: textHeight, height: textHeight))
      cell.draw(state, atX: 0, y: 0, side: textHeight, fraction: 0.5)
      canvas.blend(cell.pixels, size: cell.size, x: left, y: top + textHeight / 8)
      canvas.text(
        text, x: left + textHeight * 3 / 2, y: top, height: textHeight, width: width, Palette.quietText)
      left += length
    }
    return top + textHeight * 2
  }
}
