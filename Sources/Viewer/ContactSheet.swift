#if Viewer
import CSDL2

/// All images as thumbnails with their names, in one picture: for reports, and for hosts without a display.
package enum ContactSheet {
  /// The most thumbnails on one sheet. The title says how many more images there are.
  package static let imageLimit = 400

  private static let thumbnail = PixelSize(width: 240, height: 180)
  private static let margin = 12
  private static let captionHeight = 24
  private static let titleHeight = 48
  /// The most rows on a surface of 16,384 pixels.
  private static let rowLimit = (16_384 - titleHeight) / (thumbnail.height + captionHeight + margin)

  /// Draws `items` under `title` to `path`, in the given order and in rows of `columns` (1...16, clamped).
  /// The file is PNG, or BMP if the name ends in ".bmp". An item that cannot be decoded appears as a plate.
  ///
  /// Call it from one thread at a time. Throws if there are no items or the file cannot be written.
  package static func write(
    items: [GalleryItem], columns: Int = 5, title: String, to path: String
  ) throws(ViewerError) {
    guard !items.isEmpty else { throw .noImages }
    try ViewerLibraries.load()
    let columnCount = min(max(columns, 1), 16, items.count)
    let shown = items.prefix(min(imageLimit, columnCount * rowLimit))
    let rowCount = (shown.count + columnCount - 1) / columnCount
    let size = PixelSize(
      width: margin + columnCount * (thumbnail.width + margin),
      height: titleHeight + rowCount * (thumbnail.height + captionHeight + margin))
    let drawing = try SoftwareCanvas(size: size, font: Font())
    let canvas = drawing.canvas
    canvas.clear(canvas.palette.background)
    let more = items.count > shown.count ? " (the first \(shown.count) of \(items.count))" : ""
    canvas.text(
      title + more, x: margin, y: 12, height: 22, width: size.width - 2 * margin, canvas.palette.text)
    for (position, item) in shown.enumerated() {
      let x = margin + position % columnCount * (thumbnail.width + margin)
      let y = titleHeight + position / columnCount * (thumbnail.height + captionHeight + margin)
      draw(item, x: x, y: y, on: canvas)
    }
    try drawing.write(to: path)
  }

  private static func draw(_ item: GalleryItem, x: Int, y: Int, on canvas: Canvas) {
    let cell = SDL_Rect(x: Int32(x), y: Int32(y), w: Int32(thumbnail.width), h: Int32(thumbnail.height))
    canvas.fill(cell, canvas.palette.strip)
    var note = ""
    let entry = GalleryFeed.Entry(item: item, revision: 0)
    switch ImageLoader.load(entry, box: thumbnail, currentPath: { _ in nil }) {
    case .plate(let plate): PlatePainter.draw(plate, in: cell, on: canvas)
    case .nothingYet: canvas.hatch(cell)
    case .image(let image):
      note = (item.note ?? image.note).map { " (\($0))" } ?? ""
      if let texture = canvas.texture(image) {
        var place = Scene.centered(image.sourceSize, in: thumbnail)
        place.x += cell.x
        place.y += cell.y
        canvas.copy(texture, to: place)
        SDL_DestroyTexture(texture)
      }
    }
    canvas.text(
      item.name + note, x: x + thumbnail.width / 2, y: y + thumbnail.height + 4, height: 13,
      width: thumbnail.width, canvas.palette.quietText, .center)
  }
}
#endif
