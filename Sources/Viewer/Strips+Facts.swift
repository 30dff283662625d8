#if Viewer
/// What the line above a frame says.
extension Strips {
  /// "2.1 MB · 4000 × 3000 · 5 of 20".
  static func facts(
    of entry: GalleryFeed.Entry, _ picture: PictureCache.Drawable?, place: String
  ) -> String {
    var words: [String] = []
    if let part = entry.item.part {
      words.append(part.text)
    } else if let picture {
      words.append(DisplayText.byteCount(UInt64(max(0, picture.fileByteCount))))
      words.append("\(picture.shape.width) × \(picture.shape.height)")
    }
    if let travel = entry.item.travel { words.append(travel) }
    if !place.isEmpty { words.append(place) }
    return words.joined(separator: " · ")
  }

  /// The grid's line: the name of the selected image, its place, and how many images are whole.
  mutating func describe(_ snapshot: GalleryFeed.Snapshot, selected: Int) {
    guard snapshot.entries.indices.contains(selected) else { return }
    name = snapshot.entries[selected].item.name
    let wholeCount = snapshot.wholeCount
    place = "\(selected + 1) of \(snapshot.entries.count)"
    if wholeCount < snapshot.entries.count { place += " · \(wholeCount) whole" }
  }
}
#endif
