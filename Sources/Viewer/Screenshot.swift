#if Viewer
import CSDL2

/// What the window would show, drawn to a file without a display.
package enum Screenshot {
  /// Draws the feed as the grid, or the image at position `index` of the show (from 0; nil: the first one),
  /// with the feed's status and progress, at `size` pixels, to `path`: PNG, or BMP if the name ends in
  /// ".bmp". In the grid the image at `index` is selected. An empty feed gives the waiting plate. A feed with
  /// a recording gives the run at `place`; nil: its end.
  ///
  /// Call it from one thread at a time. Throws if there is no such image, the size is out of range, or the
  /// file cannot be written.
  package static func write(
    feed: GalleryFeed, as mode: WindowMode = .image, index: Int? = nil, at place: ReplayPlayer.Place? = nil,
    size: PixelSize = PixelSize(width: 960, height: 720), look: Look = Look(), to path: String
  ) throws(ViewerError) {
    try ViewerLibraries.load()
    try write(feed: feed, as: mode, index: index, at: place, size: size, look: look, font: Font(), to: path)
  }

  /// The same for a list of items, without a status line.
  package static func write(
    items: [GalleryItem], as mode: WindowMode = .image, index: Int? = nil,
    size: PixelSize = PixelSize(width: 960, height: 720), to path: String
  ) throws(ViewerError) {
    try write(feed: GalleryFeed(items: items), as: mode, index: index, size: size, to: path)
  }

  static func write(
    feed: GalleryFeed, as mode: WindowMode = .image, index: Int?, at place: ReplayPlayer.Place? = nil,
    size: PixelSize, look: Look = Look(), font: Font?, to path: String
  ) throws(ViewerError) {
    let drawing = try SoftwareCanvas(size: size, font: font)
    drawing.canvas.look = look
    let snapshot = feed.snapshot()
    if let board = snapshot.board {
      ReceiversScene(snapshot, board).draw(on: drawing.canvas)
      return try drawing.write(to: path)
    }
    if let recording = snapshot.recording {
      var player = ReplayPlayer(recording)
      player.seek(to: place ?? .fraction(1))
      MapScene(player).draw(on: drawing.canvas)
      return try drawing.write(to: path)
    }
    let entry = try entry(snapshot, index: index)
    switch mode {
    case .grid: drawGrid(snapshot, selected: index ?? 0, feed: feed, size: size, on: drawing.canvas)
    case .map: MapScene(snapshot, entry).draw(on: drawing.canvas)
    case .image: drawImage(entry, snapshot, feed: feed, size: size, on: drawing.canvas)
    }
    try drawing.write(to: path)
  }

  private static func drawImage(
    _ entry: GalleryFeed.Entry?, _ snapshot: GalleryFeed.Snapshot, feed: GalleryFeed, size: PixelSize,
    on canvas: Canvas
  ) {
    var scene = Scene(
      content: .waiting(waitingLine(snapshot)),
      strips: Strips(status: snapshot.status, progress: snapshot.progress, look: canvas.look))
    guard let entry else { return scene.draw(on: canvas) }
    scene.strips.name = entry.item.name
    scene.strips.place = snapshot.place(of: entry)
    let box = scene.pictureSize(in: size)
    let cache = PictureCache(canvas: canvas, byteLimit: ViewerOptions.usualCacheByteCount)
    let request = DecodeRequest(entry: entry, box: box)
    cache.insert(
      ImageLoader.load(entry, box: box, currentPath: feed.currentPath(of:)), for: request)
    switch cache.ready(request.key) {
    case .picture(let picture):
      scene.strips.note = picture.note ?? ""
      scene.strips.place = Strips.facts(of: entry, picture, place: snapshot.place(of: entry))
      scene.content = .picture(texture: picture.texture, size: picture.size, shape: picture.shape)
    case .plate(let plate): scene.content = .plate(plate)
    case .nothingYet, nil: scene.content = .missing(entry.item.part?.text ?? "")
    }
    scene.draw(on: canvas)
  }

  private static func drawGrid(
    _ snapshot: GalleryFeed.Snapshot, selected: Int, feed: GalleryFeed, size: PixelSize, on canvas: Canvas
  ) {
    var strips = Strips(status: snapshot.status, progress: snapshot.progress, look: canvas.look)
    strips.describe(snapshot, selected: selected)
    let layout = GridLayout(
      count: snapshot.entries.count, area: strips.room(in: size), textHeight: strips.textHeight(in: size))
    var cursor = GridCursor()
    cursor.select(selected, in: layout)
    let cache = PictureCache(canvas: canvas, byteLimit: ViewerOptions.usualCacheByteCount)
    let box = Presenter.thumbnailBox(layout.thumbnail)
    for position in layout.visible(scroll: cursor.scroll) {
      let entry = snapshot.entries[position]
      cache.insert(
        ImageLoader.load(entry, box: box, currentPath: feed.currentPath(of:)),
        for: DecodeRequest(entry: entry, box: box, isThumbnail: true))
    }
    let scene = GridScene(
      strips: strips, layout: layout, cursor: cursor, emptyLine: waitingLine(snapshot))
    scene.draw(snapshot.entries, on: canvas) { cache.ready(.init(revision: $0.revision, isThumbnail: true)) }
  }

  /// What stands in an empty window.
  static func waitingLine(_ snapshot: GalleryFeed.Snapshot) -> String {
    snapshot.waitingLine
      ?? (snapshot.isFinished ? "No images arrived." : "Waiting for the first image…")
  }

  private static func entry(
    _ snapshot: GalleryFeed.Snapshot, index: Int?
  ) throws(ViewerError) -> GalleryFeed.Entry? {
    guard let index else { return snapshot.entries.first }
    guard snapshot.entries.indices.contains(index) else { throw .noSuchImage(index: index) }
    return snapshot.entries[index]
  }
}
#endif
