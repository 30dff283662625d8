import CSDL2

/// Joins the slideshow, the decoding threads and the window. Decides what is decoded, and what each frame
/// shows.
final class Presenter {
  /// How long the previous picture stays while the next one is decoded, before the window says that it is
  /// waiting.
  private static let patienceNanoseconds: UInt64 = 250_000_000
  /// When decoding an image takes longer than this, the show goes on without it.
  private static let decodeLimitNanoseconds: UInt64 = 5_000_000_000

  let workers: DecodeWorkers
  var slideshow: Slideshow
  private(set) var snapshot = GalleryFeed.Snapshot()
  private let display: DisplayWindow
  private let cache: PictureCache
  private let options: ViewerOptions
  private var needsDrawing = true
  private var emptySince: UInt64?
  /// The entry that the slideshow wants on show, and since when.
  private var wanted: (revision: UInt64, since: UInt64)?
  /// The entry whose picture the window shows.
  private var shown: GalleryFeed.Entry?
  private var title = ""

  init(display: DisplayWindow, options: ViewerOptions, workers: DecodeWorkers) {
    self.display = display
    self.options = options
    self.workers = workers
    cache = PictureCache(canvas: display.canvas)
    slideshow = Slideshow(intervalNanoseconds: options.intervalNanoseconds, isPaused: options.startPaused)
  }

  deinit { cache.removeAll() }  // textures go before their renderer

  /// Takes over the feed's present state.
  func take(_ snapshot: GalleryFeed.Snapshot, now: UInt64) {
    self.snapshot = snapshot
    slideshow.update(indices: snapshot.entries.map(\.item.index), isFinished: snapshot.isFinished)
    needsDrawing = true
  }

  func setNeedsDrawing() { needsDrawing = true }

  /// The renderer lost its textures: decodes again.
  func dropPictures() {
    cache.removeAll()
    needsDrawing = true
  }

  /// Advances the show, takes decoded pictures, and draws if anything changed.
  func update(now: UInt64) {
    slideshow.tick(now: now)
    let current = entry(slideshow.current)
    if wanted?.revision != current?.revision {
      wanted = current.map { ($0.revision, now) }
      needsDrawing = true
    }
    for (request, picture) in workers.takeResults() {
      cache.insert(
        picture, revision: request.entry.revision, name: request.entry.item.name, box: request.box)
      needsDrawing = true
    }
    if let wanted, !slideshow.isVisible {
      let isOverdue = now >= wanted.since + Self.decodeLimitNanoseconds
      let isLate = now >= wanted.since + Self.patienceNanoseconds && shown?.revision != wanted.revision
      if isLate || isOverdue { needsDrawing = true }
    }
    if needsDrawing { draw(current, now: now) }
  }

  /// Whether every image was shown and no more will arrive. A show without images ends after one interval.
  func isDone(now: UInt64) -> Bool {
    guard snapshot.isFinished else { return false }
    guard snapshot.entries.isEmpty else { return slideshow.isRoundComplete }
    emptySince = emptySince ?? now
    return now >= (emptySince ?? now) + slideshow.intervalNanoseconds
  }

  /// When `update` must be called even if nothing happens.
  func nextDeadline(now: UInt64) -> UInt64 {
    var deadline = slideshow.nextDeadline ?? .max
    if let wanted, cache.ready(revision: wanted.revision) == nil {
      let stages = [wanted.since + Self.patienceNanoseconds, wanted.since + Self.decodeLimitNanoseconds]
      deadline = min(deadline, stages.first { $0 > now } ?? .max)
    }
    if let emptySince { deadline = min(deadline, emptySince + slideshow.intervalNanoseconds) }
    return deadline
  }

  private func draw(_ current: GalleryFeed.Entry?, now: UInt64) {
    needsDrawing = false
    var scene = makeScene(current, now: now)
    let notes = [slideshow.isPaused ? "paused" : nil, current.flatMap { note(of: $0) }]
    scene.note = notes.compactMap { $0 }.joined(separator: " · ")
    if let shown {
      scene.name = shown.item.name
      scene.place = snapshot.place(of: shown)
    }
    requestPictures(current, box: scene.pictureSize(in: display.canvas.size))
    scene.draw(on: display.canvas)
    display.present()
    updateTitle(note: current.flatMap { note(of: $0) })
  }

  /// The frame for `current`: its picture, or for a moment the previous picture while this one is decoded.
  private func makeScene(_ current: GalleryFeed.Entry?, now: UInt64) -> Scene {
    var scene = Scene(
      content: .waiting(Screenshot.waitingLine(snapshot)), status: snapshot.status,
      progress: snapshot.progress)
    guard let current, let wanted else {
      shown = nil
      return scene
    }
    let waitedNanoseconds = now - min(now, wanted.since)
    if let ready = cache.ready(revision: current.revision) {
      shown = current
      slideshow.didBecomeVisible(now: now)
      scene.content = Self.content(ready)
    } else if waitedNanoseconds < Self.patienceNanoseconds, let previous = shown,
      let ready = cache.ready(revision: previous.revision)
    {
      scene.content = Self.content(ready)
    } else {
      shown = current
      scene.content = .decoding
      if waitedNanoseconds >= Self.decodeLimitNanoseconds { slideshow.didBecomeVisible(now: now) }
    }
    return scene
  }

  /// Requests the current picture and its neighbours where they are missing, and forgets all others.
  private func requestPictures(_ current: GalleryFeed.Entry?, box: PixelSize) {
    let following = entry(slideshow.upcoming) ?? entry(slideshow.neighbour(by: 1))
    let preceding = entry(slideshow.neighbour(by: -1))
    var entries: [GalleryFeed.Entry] = []
    for entry in [current, following, preceding].compactMap({ $0 }) where !entries.contains(entry) {
      entries.append(entry)
    }
    cache.keep(only: (entries + [shown].compactMap { $0 }).map(\.revision))
    workers.want(
      entries.filter { cache.needsDecoding(revision: $0.revision, box: box) }
        .map { DecodeRequest(entry: $0, box: box) })
  }

  private func updateTitle(note: String?) {
    let host = DisplayText.oneLine(options.hostName)
    var next = "Waiting for images at host \(host)"
    if let shown {
      next = "Image \(snapshot.position(of: shown) ?? 0) at host \(host)"
      if let note { next += " — \(note)" }
    }
    if next != title { display.setTitle(next) }
    title = next
  }

  private func note(of entry: GalleryFeed.Entry) -> String? {
    guard shown?.revision == entry.revision,
      case .picture(_, _, _, let note) = cache.ready(revision: entry.revision)
    else { return nil }
    return note
  }

  private func entry(_ index: Int?) -> GalleryFeed.Entry? {
    guard let index, let position = snapshot.position(ofIndex: index) else { return nil }
    return snapshot.entries[position]
  }

  private static func content(_ ready: PictureCache.Ready) -> Scene.Content {
    switch ready {
    case .picture(let texture, _, let shape, _): .picture(texture: texture, shape: shape)
    case .plate(let plate): .plate(plate)
    }
  }
}
