import CSDL2

/// What the window would show, drawn to a file without a display.
package enum Screenshot {
  /// Draws the image at position `index` of the show (from 0; nil: the first one), with the feed's status and
  /// progress, at `size` pixels, to `path`: PNG, or BMP if the name ends in ".bmp". An empty feed gives the
  /// waiting plate.
  ///
  /// Call it from one thread at a time. Throws if there is no such image, the size is out of range, or the
  /// file cannot be written.
  package static func write(
    feed: GalleryFeed, index: Int? = nil, size: PixelSize = PixelSize(width: 960, height: 720),
    to path: String
  ) throws(ViewerError) {
    try ViewerLibraries.load()
    try write(feed: feed, index: index, size: size, font: Font(), to: path)
  }

  /// The same for a list of items, without a status line.
  package static func write(
    items: [GalleryItem], index: Int? = nil, size: PixelSize = PixelSize(width: 960, height: 720),
    to path: String
  ) throws(ViewerError) {
    try write(feed: GalleryFeed(items: items), index: index, size: size, to: path)
  }

  static func write(
    feed: GalleryFeed, index: Int?, size: PixelSize, font: Font?, to path: String
  ) throws(ViewerError) {
    let drawing = try SoftwareCanvas(size: size, font: font)
    let snapshot = feed.snapshot()
    var scene = Scene(
      content: .waiting(waitingLine(snapshot)), status: snapshot.status, progress: snapshot.progress)
    guard let entry = try entry(snapshot, index: index) else {
      scene.draw(on: drawing.canvas)
      return try drawing.write(to: path)
    }
    scene.name = entry.item.name
    scene.place = snapshot.place(of: entry)
    let box = scene.pictureSize(in: size)
    switch ImageLoader.load(entry, box: box, currentPath: feed.currentPath(of:)) {
    case .plate(let plate): scene.content = .plate(plate)
    case .image(let image):
      guard let texture = drawing.canvas.texture(image) else {
        throw .graphicsFailed(action: "draw a picture", reason: String(cString: SDL_GetError()))
      }
      defer { SDL_DestroyTexture(texture) }
      scene.note = image.note ?? ""
      scene.content = .picture(texture: texture, shape: image.sourceSize)
      scene.draw(on: drawing.canvas)
      return try drawing.write(to: path)
    }
    scene.draw(on: drawing.canvas)
    try drawing.write(to: path)
  }

  /// What stands in an empty window.
  static func waitingLine(_ snapshot: GalleryFeed.Snapshot) -> String {
    snapshot.isFinished ? "No images arrived." : "Waiting for the first image…"
  }

  private static func entry(
    _ snapshot: GalleryFeed.Snapshot, index: Int?
  ) throws(ViewerError) -> GalleryFeed.Entry? {
    guard let index else { return snapshot.entries.first }
    guard snapshot.entries.indices.contains(index) else { throw .noSuchImage(index: index) }
    return snapshot.entries[index]
  }
}
