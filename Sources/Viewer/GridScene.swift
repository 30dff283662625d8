#if Viewer
import CSDL2

/// The frame of the grid: thumbnails, their names, and the state of each image that is not whole.
struct GridScene {
  var strips = Strips()
  var layout: GridLayout
  var cursor: GridCursor
  /// What stands in an empty grid.
  var emptyLine = ""

  /// Draws the frame. `ready` gives the picture of an entry, nil while there is none.
  func draw(
    _ entries: [GalleryFeed.Entry], on canvas: Canvas, ready: (GalleryFeed.Entry) -> PictureCache.Ready?
  ) {
    let size = canvas.size
    var strips = strips
    strips.look = canvas.look
    let top = strips.captionHeight(in: size)
    canvas.clear(canvas.palette.background)
    if entries.isEmpty { Scene.drawMessage(emptyLine, on: canvas, layout.area, top: top) }
    for position in layout.visible(scroll: cursor.scroll) where position < entries.count {
      let entry = entries[position]
      drawCell(entry, ready(entry), at: position, top: top, on: canvas)
    }
    drawScrollBar(on: canvas, top: top)
    strips.draw(on: canvas)
  }

  private func drawCell(
    _ entry: GalleryFeed.Entry, _ ready: PictureCache.Ready?, at position: Int, top: Int, on canvas: Canvas
  ) {
    let frame = layout.frame(of: position)
    let cell = SDL_Rect(frame, below: top - cursor.scroll)
    canvas.fill(cell, canvas.palette.strip)
    var picture = cell
    switch ready {
    case .picture(let drawable):
      picture = Scene.centered(drawable.shape, in: frame.size)
      picture.x += cell.x
      picture.y += cell.y
      canvas.copy(drawable.texture, to: picture)
    case .plate(let plate): PlatePainter.draw(plate, in: cell, on: canvas)
    case .nothingYet, nil: break
    }
    if let part = entry.item.part { drawState(part, in: cell, on: canvas) }
    let isSelected = position == cursor.selected
    if isSelected {
      let width = Int32(max(3, layout.gap / 3))
      let outside = SDL_Rect(
        x: cell.x - width, y: cell.y - width, w: cell.w + 2 * width, h: cell.h + 2 * width)
      canvas.outline(outside, thickness: width, canvas.palette.bar)
    }
    canvas.text(
      Self.lastComponent(entry.item.name), x: Int(cell.x + cell.w / 2),
      y: Int(cell.y + cell.h) + layout.captionHeight / 6, height: layout.captionHeight * 5 / 8,
      width: frame.size.width, isSelected ? canvas.palette.text : canvas.palette.quietText, .center)
  }

  /// A ring with its percentage; after the end, the words that nothing more will come.
  private func drawState(_ part: ImagePart, in cell: SDL_Rect, on canvas: Canvas) {
    let side = Int(min(cell.w, cell.h)) / 2
    guard side >= 8 else { return }
    let (middleX, middleY) = (Int(cell.x + cell.w / 2), Int(cell.y + cell.h / 2))
    canvas.ring(fraction: part.fraction, side: side, x: middleX - side / 2, y: middleY - side / 2)
    let height = max(8, side / 5)
    canvas.text(
      "\(part.percent) %", x: middleX, y: middleY - height * 5 / 8, height: height, width: side,
      canvas.palette.text, .center)
    guard part.isOver else { return }
    let lineHeight = max(8, layout.captionHeight * 5 / 8)
    let line = SDL_Rect(
      x: cell.x, y: cell.y + cell.h - Int32(lineHeight * 3 / 2), w: cell.w, h: Int32(lineHeight * 3 / 2))
    canvas.fill(line, canvas.palette.plate)
    canvas.text(
      "not complete", x: middleX, y: Int(line.y) + lineHeight / 5, height: lineHeight, width: Int(cell.w),
      canvas.palette.text, .center)
  }

  private func drawScrollBar(on canvas: Canvas, top: Int) {
    guard layout.scrollLimit > 0 else { return }
    let height = layout.area.height
    let length = max(24, height * height / layout.contentHeight)
    let y = (height - length) * cursor.scroll / layout.scrollLimit
    let width = max(3, layout.gap / 3)
    canvas.fill(
      SDL_Rect(
        x: Int32(layout.area.width - width), y: Int32(top + y), w: Int32(width), h: Int32(length)),
      canvas.palette.quietText)
  }

  private static func lastComponent(_ name: String) -> String {
    name.split(separator: "/").last.map(String.init) ?? name
  }
}
#endif
