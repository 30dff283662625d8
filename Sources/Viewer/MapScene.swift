#if Viewer
import CSDL2

/// The frame of the map: the chunks of the whole set, below them those of one file, what the cells mean, the
/// strip of rates, and of a replay the time line.
struct MapScene {
  /// The cells of some chunks, where they were drawn.
  struct Section {
    var layout: MapLayout
    var x: Int
    var y: Int

    /// The chunks of the cell at a place of the window; nil beside the cells.
    func chunks(atX x: Int, y: Int) -> Range<UInt64>? {
      let (column, row) = ((x - self.x) / layout.side, (y - self.y) / layout.side)
      guard x >= self.x, y >= self.y, column < layout.columns else { return nil }
      let cell = row * layout.columns + column
      return cell < layout.cellCount ? layout.chunks(ofCell: cell) : nil
    }
  }

  var strips = Strips()
  var delivery: DeliveryMap?
  /// The file whose chunks are shown by themselves: the image that was on show.
  var file: Int?
  var traffic: Traffic?
  var waitingLine: String?
  var replay: ReplayBar?
  /// The second of two runs.
  var beside: Recording.Side?
  /// Where the mouse is, in pixels of the window.
  var pointer: (x: Int, y: Int)?

  init(_ snapshot: GalleryFeed.Snapshot, _ entry: GalleryFeed.Entry?) {
    strips = Strips(name: "How the chunks arrive", status: snapshot.status, progress: snapshot.progress)
    waitingLine = snapshot.waitingLine
    delivery = snapshot.delivery
    traffic = snapshot.traffic
    if let entry {
      strips.place = Strips.facts(of: entry, nil, place: snapshot.place(of: entry))
      file = entry.item.file
    }
  }

  /// A recorded run at one moment.
  init(_ player: ReplayPlayer) {
    let moment = player.recording.moment(player.stepCount)
    strips = Strips(name: player.recording.title, status: player.placeText, note: player.paceText)
    delivery = moment.delivery
    traffic = player.recording.traffic(at: player.seconds, moment.counts)
    replay = ReplayBar(player, line: moment.line)
    beside = moment.beside
    if beside != nil { traffic = nil }
  }

  func draw(on canvas: Canvas) {
    let size = canvas.size
    var strips = strips
    strips.look = canvas.look
    let area = strips.room(in: size)
    let top = strips.captionHeight(in: size)
    canvas.clear(canvas.palette.background)
    if let delivery, delivery.chunkCount > 0 {
      draw(delivery, in: area, top: top, on: canvas)
    } else {
      Scene.drawMessage(
        waitingLine ?? "No map: it shows chunks that arrive over UDP, from the first one on.", on: canvas,
        area, top: top)
    }
    strips.draw(on: canvas)
  }

  private func draw(_ delivery: DeliveryMap, in area: PixelSize, top: Int, on canvas: Canvas) {
    let textHeight = Strips(look: canvas.look).textHeight(in: canvas.size)
    let margin = textHeight
    let width = max(1, area.width - 2 * margin)
    if beside != nil { return drawBeside(delivery, in: area, top: top, textHeight, on: canvas) }
    var y = top + margin / 2
    y = drawLegend(delivery, x: margin, y: y, width: width, textHeight, on: canvas)
    var bottom = top + area.height - margin / 2
    if let replay {
      bottom -= ReplayBar.height(textHeight: textHeight)
      replay.draw(x: margin, y: bottom, width: width, textHeight: textHeight, on: canvas)
    }
    // In a low window the cells are worth more.
    if let traffic, bottom - y > 3 * TrafficScene.height(textHeight: textHeight) {
      bottom -= TrafficScene.height(textHeight: textHeight)
      TrafficScene(traffic: traffic).draw(
        x: margin, y: bottom, width: width, textHeight: textHeight, on: canvas)
      bottom -= textHeight / 2
    }
    let sections = drawSections(
      delivery, x: margin, y: y, PixelSize(width: width, height: bottom - y), textHeight, on: canvas)
    guard let pointer,
      let chunks = sections.lazy.compactMap({ $0.chunks(atX: pointer.x, y: pointer.y) }).first
    else { return }
    CellCard(chunks, delivery).draw(at: pointer, textHeight: textHeight, on: canvas)
  }

  func drawSections(
    _ delivery: DeliveryMap, x: Int, y: Int, _ room: PixelSize, _ textHeight: Int, on canvas: Canvas
  ) -> [Section] {
    let file = file.flatMap { $0 < delivery.fileCount ? delivery.file($0) : nil }
    let height = room.height - (file == nil ? 2 : 4) * textHeight
    guard height > MapLayout.sides[0] else { return [] }
    let share = file == nil ? height : height * 2 / 3
    let set = drawSection(
      "The set: \(delivery.chunkCount) chunks", 0..<delivery.chunkCount, delivery, x: x, y: y,
      PixelSize(width: room.width, height: share), textHeight, on: canvas)
    guard let file else { return [set] }
    let counts = delivery.counts(file.chunks)
    let state = counts.missing == 0 ? "whole" : "\(counts.missing) missing"
    let next = set.y + set.layout.size.height + textHeight / 2
    let rest = PixelSize(
      width: room.width, height: max(MapLayout.sides[0], y + room.height - next - 3 * textHeight))
    return [
      set,
      drawSection(
        "\(file.name): \(file.chunks.count) chunks, \(state)", file.chunks, delivery, x: x, y: next, rest,
        textHeight, on: canvas),
    ]
  }

  /// A title and cells.
  private func drawSection(
    _ title: String, _ chunks: Range<UInt64>, _ delivery: DeliveryMap, x: Int, y: Int, _ room: PixelSize,
    _ textHeight: Int, on canvas: Canvas
  ) -> Section {
    let layout = MapLayout(chunks: chunks, area: room)
    let scaleWidth = canvas.text(
      layout.scale, x: x + room.width, y: y, height: textHeight, width: room.width / 3,
      canvas.palette.quietText, .trailing)
    canvas.text(
      title, x: x, y: y, height: textHeight, width: max(1, room.width - scaleWidth - textHeight),
      canvas.palette.text)
    var cells = CellPixels(size: layout.size, palette: canvas.palette)
    for cell in 0..<layout.cellCount {
      let counts = delivery.counts(layout.chunks(ofCell: cell))
      let (cellX, cellY) = layout.corner(ofCell: cell)
      cells.draw(
        CellState(counts), atX: cellX, y: cellY, side: layout.side,
        fraction: Double(counts.arrived) / Double(max(1, counts.total)))
    }
    let top = y + textHeight * 3 / 2
    canvas.blend(cells.pixels, size: cells.size, x: x, y: top)
    return Section(layout: layout, x: x, y: top)
  }

  /// Each state with its shape, its word and its count, in as many lines as it takes.
  func drawLegend(
    _ delivery: DeliveryMap, x: Int, y: Int, width: Int, _ textHeight: Int, on canvas: Canvas
  ) -> Int {
    let counts = delivery.totals
    let first = counts.arrived - min(counts.arrived, counts.repaired + counts.rebuilt)
    let numbers: [(CellState, UInt64?)] = [
      (.arrived, first), (.repaired, counts.repaired), (.rebuilt, counts.rebuilt), (.asked, counts.asked),
      (.missing, counts.missing), (.partial, nil),
    ]
    var (left, top) = (x, y)
    for (state, number) in numbers {
      guard let word = state.word(in: delivery) else { continue }
      let text = word + (number.map { " \($0)" } ?? "")
      let length = textHeight * 3 / 2 + canvas.textWidth(text, height: textHeight) + textHeight * 3 / 2
      if left > x, left + length > x + width { (left, top) = (x, top + textHeight * 3 / 2) }
      var cell = CellPixels(size: PixelSize(width: textHeight, height: textHeight), palette: canvas.palette)
      cell.draw(state, atX: 0, y: 0, side: textHeight, fraction: 0.5)
      canvas.blend(cell.pixels, size: cell.size, x: left, y: top + textHeight / 8)
      canvas.text(
        text, x: left + textHeight * 3 / 2, y: top, height: textHeight, width: width, canvas.palette.quietText
      )
      left += length
    }
    return top + textHeight * 2
  }
}
#endif
