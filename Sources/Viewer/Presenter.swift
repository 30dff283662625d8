#if Viewer
import CSDL2

/// Joins the slideshow, the grid, the decoding threads and the window. Decides what is decoded, and what each
/// frame shows.
final class Presenter {
  /// How long the previous picture stays while the next one is decoded, before the window says that it is
  /// waiting.
  static let patienceNanoseconds: UInt64 = 250_000_000
  /// Between two frames of a replay.
  private static let frameNanoseconds: UInt64 = 16_000_000
  /// When decoding an image takes longer than this, the show goes on without it.
  static let decodeLimitNanoseconds: UInt64 = 5_000_000_000

  let workers: DecodeWorkers
  let display: DisplayWindow
  let cache: PictureCache
  let options: ViewerOptions
  var slideshow: Slideshow
  private(set) var snapshot = GalleryFeed.Snapshot()
  private(set) var mode: WindowMode
  var isHelpShown = false
  /// Where M and Esc lead back from the map.
  var modeBeforeMap = WindowMode.image
  /// The image was opened from the grid, so that Esc leads back there.
  var isOpenedFromGrid = false
  /// Whether the window says that the slide show stands still. A person who opened an image asked for none.
  var hasShow: Bool
  var grid = GridCursor()
  var magnification = GridLayout.usualMagnification
  var layout: GridLayout?
  var zoom = ImageZoom()
  var pace = FlipPace()
  /// The last frame was drawn while a person leafed, so that its picture may be blurry.
  var isLeafing = false
  /// Where the mouse is, in pixels of the window.
  var pointer: (x: Int, y: Int)?
  /// The entry that the slideshow wants on show, and since when.
  var wanted: (revision: UInt64, since: UInt64)?
  /// The entry whose picture the window shows.
  var shown: GalleryFeed.Entry?
  /// Pictures that had no room beside the one on show.
  var refused: Set<PictureCache.Key> = []
  /// The first row of a sender's window.
  var firstRow = 0
  /// Where the replay stands; nil where nothing is replayed.
  var player: ReplayPlayer?
  /// How a person wants it to look.
  var look: Look { didSet { display.canvas.look = look } }
  /// The slide show goes in a mixed order.
  var isShuffled: Bool
  /// The slide show has gone on by itself, and its next picture is not on show yet.
  var isFadeDue = false
  /// The picture that fades away, and since when.
  var fade: (revision: UInt64, since: UInt64)?
  /// What the last frame took, until the display had it.
  private(set) var drawNanoseconds: UInt64 = 0
  /// For `ViewerOptions.onFrame`.
  private var newThumbnails: [GalleryFeed.Entry] = []
  private var needsDrawing = true
  private var emptySince: UInt64?
  private var title = ""

  init(display: DisplayWindow, options: ViewerOptions, workers: DecodeWorkers) {
    self.display = display
    self.options = options
    self.workers = workers
    mode = options.mode
    hasShow = options.mode != .grid
    look = options.look
    isShuffled = options.isShuffled
    display.canvas.look = options.look
    cache = PictureCache(canvas: display.canvas, byteLimit: options.cacheByteCount)
    slideshow = Slideshow(
      intervalNanoseconds: options.intervalNanoseconds, isPaused: options.startPaused)
  }

  deinit { cache.removeAll() }  // textures go before their renderer

  /// Takes over the feed's present state.
  func take(_ snapshot: GalleryFeed.Snapshot, now: UInt64) {
    let old = self.snapshot
    self.snapshot = snapshot
    orderShow()
    followGrid(from: old)
    if player == nil, let recording = snapshot.recording { beginReplay(recording, now: now) }
    needsDrawing = true
  }

  func setNeedsDrawing() { needsDrawing = true }

  func show(_ mode: WindowMode) {
    self.mode = mode
    needsDrawing = true
  }

  /// The renderer lost its textures: decodes again.
  func dropPictures() {
    cache.removeAll()
    display.canvas.forgetDrawn()
    needsDrawing = true
  }

  /// Advances the show, takes decoded pictures, and draws if anything changed.
  func update(now: UInt64) {
    if mode == .image, slideshow.tick(now: now) { isFadeDue = true }
    if player?.advance(now: now) ?? false { needsDrawing = true }
    let current = entry(slideshow.current)
    if wanted?.revision != current?.revision {
      wanted = current.map { ($0.revision, now) }
      refused = []
      zoom.fit()
      needsDrawing = true
    }
    if advanceFade(now: now) { needsDrawing = true }
    for (request, picture) in workers.takeResults() {
      if request.isThumbnail, request.entry.item.part == nil, options.onFrame != nil {
        newThumbnails.append(request.entry)
      }
      cache.insert(picture, for: request)
      needsDrawing = true
    }
    if let wanted, !slideshow.isVisible, mode == .image {
      let isOverdue = now >= wanted.since + Self.decodeLimitNanoseconds
      let isLate = now >= wanted.since + Self.patienceNanoseconds && shown?.revision != wanted.revision
      if isLate || isOverdue { needsDrawing = true }
    }
    if isLeafing, !pace.isLeafing(now: now) { needsDrawing = true }
    if needsDrawing { draw(current, now: now) }
  }

  /// Whether every image was shown and no more will arrive. A show without images ends after one interval.
  func isDone(now: UInt64) -> Bool {
    guard snapshot.isFinished else { return false }
    guard snapshot.wholeCount == 0 else { return slideshow.isRoundComplete }
    emptySince = emptySince ?? now
    return now >= (emptySince ?? now) + slideshow.intervalNanoseconds
  }

  /// When `update` must be called even if nothing happens.
  func nextDeadline(now: UInt64) -> UInt64 {
    var deadline = mode == .image ? slideshow.nextDeadline ?? .max : .max
    if let wanted, cache.ready(.init(revision: wanted.revision, isThumbnail: false)) == nil {
      let stages = [wanted.since + Self.patienceNanoseconds, wanted.since + Self.decodeLimitNanoseconds]
      deadline = min(deadline, stages.first { $0 > now } ?? .max)
    }
    if fade != nil { deadline = min(deadline, now + Self.frameNanoseconds) }
    if let end = pace.end(now: now) { deadline = min(deadline, end) }
    if player?.isPlaying ?? false { deadline = min(deadline, now + Self.frameNanoseconds) }
    if let emptySince { deadline = min(deadline, emptySince + slideshow.intervalNanoseconds) }
    return deadline
  }

  private func draw(_ current: GalleryFeed.Entry?, now: UInt64) {
    needsDrawing = false
    let start = MonotonicClock.now()
    isLeafing = false
    if let board = snapshot.board {
      drawBoard(board)
    } else {
      drawMode(current, now: now)
    }
    if isHelpShown {
      let context: KeyBindings.Context =
        snapshot.board != nil ? .board : player == nil ? .images : .replay
      HelpScene.draw(KeyBindings.lines(context), on: display.canvas)
    }
    display.present()
    drawNanoseconds = MonotonicClock.now() - start
    if let onFrame = options.onFrame { onFrame(report(since: now)) }
    updateTitle(note: current.flatMap { note(of: $0) })
  }

  private func report(since start: UInt64) -> FrameReport {
    defer { newThumbnails = [] }
    let image = mode == .image && snapshot.board == nil ? shown : nil
    let isSharp = image.map { cache.ready(.init(revision: $0.revision, isThumbnail: false)) != nil } ?? false
    let end = MonotonicClock.now()
    return FrameReport(
      startNanoseconds: start, drawNanoseconds: end - start, name: image?.item.name, isSharp: isSharp,
      newThumbnails: newThumbnails.map { ($0.item.name, end - min(end, $0.arrivedNanoseconds)) })
  }

  private func drawMode(_ current: GalleryFeed.Entry?, now: UInt64) {
    switch mode {
    case .grid: drawGrid()
    case .image: drawImage(current, now: now)
    case .map: drawMap(current)
    }
  }

  private func updateTitle(note: String?) {
    let host = DisplayText.oneLine(options.hostName)
    var next = "Waiting for images at host \(host)"
    if let board = snapshot.board {
      next = "\(board.title) from host \(host)"
    } else if let player {
      next = "\(player.recording.title) at host \(host)"
    } else if mode == .grid, !snapshot.entries.isEmpty {
      next = "\(snapshot.wholeCount) images at host \(host)"
    } else if let shown {
      next = "Image \(snapshot.position(of: shown) ?? 0) at host \(host)"
      if let note { next += " — \(note)" }
    }
    if next != title { display.setTitle(next) }
    title = next
  }

  private func drawMap(_ current: GalleryFeed.Entry?) {
    workers.want([])
    var scene = player.map { MapScene($0) } ?? MapScene(snapshot, current)
    scene.pointer = pointer
    scene.draw(on: display.canvas)
  }

  func entry(_ index: Int?) -> GalleryFeed.Entry? {
    guard let index, let position = snapshot.position(ofIndex: index) else { return nil }
    return snapshot.entries[position]
  }
}
#endif
