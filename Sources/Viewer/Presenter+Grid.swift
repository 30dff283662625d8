#if Viewer
import CSDL2

/// The grid of thumbnails.
extension Presenter {
  func drawGrid() {
    let size = display.canvas.size
    let strips = gridStrips
    let area = strips.room(in: size)
    let layout = makeLayout(area)
    if let old = self.layout, old != layout {
      grid.follow(
        top: old.visible(scroll: grid.scroll).lowerBound, selected: grid.selected, from: old, to: layout)
    }
    self.layout = layout
    let scene = GridScene(
      strips: strips, layout: layout, cursor: grid, emptyLine: Screenshot.waitingLine(snapshot))
    let box = Self.thumbnailBox(layout.thumbnail)
    requestThumbnails(layout, box: box)
    scene.draw(snapshot.entries, on: display.canvas) { [cache] entry in
      cache.ready(.init(revision: entry.revision, isThumbnail: true))
    }
  }

  private var gridStrips: Strips {
    var strips = Strips(status: snapshot.status, progress: snapshot.progress, look: look)
    strips.describe(snapshot, selected: grid.selected)
    return strips
  }

  /// Where the grid begins.
  var gridTop: Int { gridStrips.captionHeight(in: display.canvas.size) }

  func makeLayout(_ area: PixelSize) -> GridLayout {
    GridLayout(
      count: snapshot.entries.count, area: area,
      textHeight: Strips(look: look).textHeight(in: display.canvas.size),
      magnification: magnification)
  }

  /// Thumbnails are decoded at a few sizes, so that a window that changes its size does not decode all of
  /// them anew.
  static func thumbnailBox(_ thumbnail: PixelSize) -> PixelSize {
    var box = blurryBox
    while box.width < thumbnail.width, box.width < 2560 {
      box = PixelSize(width: box.width * 2, height: box.height * 2)
    }
    return box
  }

  /// Requests the thumbnails that are to be seen, the selected one first, and then those of the next page.
  private func requestThumbnails(_ layout: GridLayout, box: PixelSize) {
    let entries = snapshot.entries
    let visible = layout.visible(scroll: grid.scroll).clamped(to: 0..<entries.count)
    let next = visible.upperBound..<min(entries.count, visible.upperBound + visible.count)
    var positions = Array(visible)
    if visible.contains(grid.selected) { positions.insert(grid.selected, at: 0) }
    let seen = Set(positions.map { PictureCache.Key(revision: entries[$0].revision, isThumbnail: true) })
    var requests: [DecodeRequest] = []
    for position in positions + next {
      let request = thumbnailRequest(entries[position], box: box)
      // What is on its way has no picture before its first bytes.
      if let part = request.entry.item.part, part.leadingByteCount == 0 { continue }
      if refused.contains(request.key), !seen.contains(request.key) { continue }
      if cache.needsDecoding(request), !requests.contains(request) { requests.append(request) }
    }
    refused.formUnion(cache.trim(keeping: seen))
    // An image that is whole comes before those that are still arriving, which will be decoded again anyway.
    let whole = requests.filter { $0.entry.item.part == nil }
    workers.want(
      whole.filter(\.isPreviewEnough) + whole.filter { !$0.isPreviewEnough }
        + requests.filter { $0.entry.item.part != nil })
  }

  /// For an image that has no picture yet, the one that a camera put into its file is enough at first.
  func thumbnailRequest(_ entry: GalleryFeed.Entry, box: PixelSize) -> DecodeRequest {
    var request = DecodeRequest(entry: entry, box: box, isThumbnail: true)
    request.isPreviewEnough = cache.drawable(request.key) == nil
    return request
  }

  /// Keeps the place when images come or go.
  func followGrid(from old: GalleryFeed.Snapshot) {
    guard let oldLayout = layout, !old.entries.isEmpty else { return }
    let new = makeLayout(oldLayout.area)
    guard old.entries.count != snapshot.entries.count || old.entries.first != snapshot.entries.first else {
      return
    }
    func position(_ place: Int) -> Int {
      guard old.entries.indices.contains(place) else { return place }
      return snapshot.insertionPosition(old.entries[place].item)
    }
    // A grid that nobody has moved stays at its beginning.
    if grid == GridCursor() {
      layout = new
      return
    }
    grid.follow(
      top: position(oldLayout.visible(scroll: grid.scroll).lowerBound), selected: position(grid.selected),
      from: oldLayout, to: new)
    layout = new
  }
}
#endif
