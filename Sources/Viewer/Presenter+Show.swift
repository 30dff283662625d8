#if Viewer
/// The slide show: its order, and how one picture gives way to the next.
extension Presenter {
  /// How long a picture takes to give way to the next one. People see it, and do not wait for it.
  private static let fadeNanoseconds: UInt64 = 400_000_000

  /// Hands the images to the slide show: in their order, or mixed. A mixed image keeps its place when others
  /// arrive.
  func orderShow() {
    let entries = snapshot.entries
    var indices = entries.map(\.item.index)
    if isShuffled { indices = Slideshow.mixed(indices) }
    let partial = entries.filter { $0.item.part != nil }.map(\.item.index)
    slideshow.update(indices: indices, partial: Set(partial), isFinished: snapshot.isFinished)
  }

  /// The next picture is ready: the one on show begins to fade, where the show went on by itself. A person
  /// who leafs wants the next image at once.
  func beginFade(to current: GalleryFeed.Entry, now: UInt64) {
    guard shown?.revision != current.revision else { return }
    fade = isFadeDue && zoom.scale == nil ? shown.map { ($0.revision, now) } : nil
    isFadeDue = false
  }

  /// At most a quarter of the time that an image stays.
  private var fadeLength: UInt64 { max(1, min(Self.fadeNanoseconds, slideshow.intervalNanoseconds / 4)) }

  /// Whether a frame is to be drawn.
  func advanceFade(now: UInt64) -> Bool {
    guard let since = fade?.since else { return false }
    if now >= since + fadeLength || mode != .image || zoom.scale != nil { fade = nil }
    return true
  }

  /// The picture that fades away, and how much of the next one is to be seen.
  func fadingPicture(now: UInt64) -> (picture: PictureCache.Drawable, isOver: Double)? {
    guard let fade, let picture = cache.drawable(.init(revision: fade.revision, isThumbnail: false)) else {
      return nil
    }
    return (picture, Double(now - min(now, fade.since)) / Double(fadeLength))
  }
}
#endif
