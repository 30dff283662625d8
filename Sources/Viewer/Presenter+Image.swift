#if Viewer
import CSDL2

/// The single image.
extension Presenter {
  func drawImage(_ current: GalleryFeed.Entry?, now: UInt64) {
    var scene = makeScene(current, now: now)
    let notes = [
      hasShow && slideshow.isPaused ? "paused" : nil, hasShow && isShuffled ? "mixed" : nil,
      current.flatMap { note(of: $0) },
    ]
    scene.strips.look = look
    scene.strips.note = notes.compactMap { $0 }.joined(separator: " · ")
    if let shown {
      scene.strips.name = shown.item.name
      scene.strips.place = caption(of: shown)
    }
    requestPictures(current, area: scene.pictureSize(in: display.canvas.size), now: now)
    scene.zoom = zoom
    scene.fade = fadingPicture(now: now)
    scene.draw(on: display.canvas)
  }

  /// The part of the window that shows the image: its size, and where it begins.
  var imageArea: (size: PixelSize, top: Int) {
    var strips = Strips(
      name: shown?.item.name ?? "", status: snapshot.status, progress: snapshot.progress, look: look)
    if hasShow && (slideshow.isPaused || isShuffled) || shown.flatMap({ note(of: $0) }) != nil {
      strips.note += " "
    }
    let size = display.canvas.size
    return (strips.room(in: size), strips.captionHeight(in: size))
  }

  /// The upright size of the image on show; nil while it is unknown.
  var imageShape: PixelSize? {
    guard let shown else { return nil }
    return
      (cache.drawable(.init(revision: shown.revision, isThumbnail: false))
      ?? cache.drawable(.init(revision: shown.revision, isThumbnail: true)))?.shape
  }

  /// "150 % · 2.1 MB · 4000 × 3000 · 5 of 20".
  private func caption(of entry: GalleryFeed.Entry) -> String {
    let picture =
      cache.drawable(.init(revision: entry.revision, isThumbnail: false))
      ?? cache.drawable(.init(revision: entry.revision, isThumbnail: true))
    let facts = Strips.facts(of: entry, picture, place: snapshot.place(of: entry))
    return zoom.scale.map { "\(Int(($0 * 100).rounded())) % · \(facts)" } ?? facts
  }

  /// The frame for `current`: its picture, or for a moment the previous picture while this one is decoded.
  private func makeScene(_ current: GalleryFeed.Entry?, now: UInt64) -> Scene {
    var scene = Scene(content: .waiting(Screenshot.waitingLine(snapshot)))
    scene.strips.status = snapshot.status
    scene.strips.progress = snapshot.progress
    guard let current, let wanted else {
      shown = nil
      return scene
    }
    let waitedNanoseconds = now - min(now, wanted.since)
    let sharp = cache.ready(.init(revision: current.revision, isThumbnail: false))
    if let sharp {
      beginFade(to: current, now: now)
      shown = current
      slideshow.didBecomeVisible(now: now)
      scene.content = Self.content(sharp, current)
    } else if let blurry = cache.drawable(.init(revision: current.revision, isThumbnail: true)) {
      shown = current
      scene.content = Self.content(.picture(blurry), current)
    } else if waitedNanoseconds < Self.patienceNanoseconds, let previous = shown,
      let ready = cache.ready(.init(revision: previous.revision, isThumbnail: false))
        ?? cache.ready(.init(revision: previous.revision, isThumbnail: true))
    {
      scene.content = Self.content(ready, previous)
    } else {
      shown = current
      scene.content = current.item.part.map { .missing($0.text) } ?? .decoding
    }
    if sharp == nil, waitedNanoseconds >= Self.decodeLimitNanoseconds { slideshow.didBecomeVisible(now: now) }
    return scene
  }

  /// Requests the current picture and its neighbours where they are missing. While a person leafs, blurry
  /// pictures are enough.
  private func requestPictures(_ current: GalleryFeed.Entry?, area: PixelSize, now: UInt64) {
    let following = entry(slideshow.upcoming) ?? entry(slideshow.neighbour(by: 1))
    let preceding = entry(slideshow.neighbour(by: -1))
    var requests: [DecodeRequest] = []
    var keys: Set<PictureCache.Key> = []
    func request(_ entry: GalleryFeed.Entry?, isThumbnail: Bool, box: PixelSize? = nil) {
      guard let entry else { return }
      var next =
        isThumbnail
        ? thumbnailRequest(entry, box: Self.blurryBox) : DecodeRequest(entry: entry, box: box ?? area)
      if isLeafing { next.isPreviewEnough = isThumbnail }
      if keys.insert(next.key).inserted, !refused.contains(next.key), cache.needsDecoding(next) {
        requests.append(next)
      }
    }
    isLeafing = pace.isLeafing(now: now)
    if isLeafing {
      request(current, isThumbnail: true)
      for distance in 1...4 {
        request(entry(slideshow.neighbour(by: distance * pace.direction)), isThumbnail: true)
      }
    } else {
      let box = zoom.decodingBox(imageShape, in: area, pixelLimit: cache.pixelLimit)
      request(current, isThumbnail: false, box: box)
      for neighbour in [following, preceding] where neighbour?.item.part == nil {
        request(neighbour, isThumbnail: false)
      }
      // So that a person who leafs sees each image. While images arrive, the processor has other work.
      if snapshot.isFinished, let current {
        let first = requests.count
        for entry in preparedEntries(around: current) { request(entry, isThumbnail: true) }
        let prepared = requests[first...]
        requests[first...] = prepared.filter(\.isPreviewEnough) + prepared.filter { !$0.isPreviewEnough }
      }
    }
    let kept = [current?.revision, shown?.revision, fade?.revision].compactMap(\.self).flatMap {
      [PictureCache.Key(revision: $0, isThumbnail: false), .init(revision: $0, isThumbnail: true)]
    }
    refused.formUnion(cache.trim(keeping: Set(kept)))
    workers.want(requests)
  }

  /// Images on each side whose blurry pictures are prepared: 31 MB.
  private static let preparedCount = 50

  /// The images near this one, nearest first. In a mixed show the next ones are others: a few are known.
  private func preparedEntries(around current: GalleryFeed.Entry) -> [GalleryFeed.Entry] {
    let entries = snapshot.entries
    guard !isShuffled else {
      return (1...4).compactMap { entry(slideshow.neighbour(by: $0 * pace.direction)) }
    }
    guard let position = snapshot.position(of: current), entries.count > 1 else { return [] }
    return (1...Self.preparedCount).flatMap { distance in
      [distance * pace.direction, -distance * pace.direction].map { offset in
        entries[((position + offset) % entries.count + entries.count) % entries.count]
      }
    }
  }

  /// The size of thumbnails, which are also the blurry pictures.
  static let blurryBox = PixelSize(width: 320, height: 240)

  func note(of entry: GalleryFeed.Entry) -> String? {
    guard shown?.revision == entry.revision else { return nil }
    return cache.drawable(.init(revision: entry.revision, isThumbnail: false))?.note
  }

  private static func content(_ ready: PictureCache.Ready, _ entry: GalleryFeed.Entry) -> Scene.Content {
    switch ready {
    case .picture(let picture):
      .picture(texture: picture.texture, size: picture.size, shape: picture.shape)
    case .plate(let plate): .plate(plate)
    case .nothingYet: .missing(entry.item.part?.text ?? "")
    }
  }
}
#endif
