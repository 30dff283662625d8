#if Viewer
/// Thumbnails of images that are still arriving.
extension ImageLoader {
  /// As `load`, and an image that is still arriving is decoded on from where its last picture ended.
  /// `arriving` is that image, nil at first, and nil afterwards when nothing more will be decoded there.
  package static func loadThumbnail(
    _ entry: GalleryFeed.Entry, box: PixelSize, arriving: inout ArrivingJPEG?,
    currentPath: (GalleryFeed.Entry) -> String?
  ) -> Picture {
    let part = entry.item.part
    var image = arriving
    arriving = nil
    if image?.box != box { image = nil }
    // What was whole from the beginning is decoded at once.
    guard part != nil || image != nil, part?.leadingByteCount ?? 1 > 0,
      let path = part == nil ? currentPath(entry) : entry.item.path,
      let bytes = try? FileBytes(path: path, limit: part?.leadingByteCount ?? .max)
    else { return load(entry, box: box, currentPath: currentPath) }
    let buffer = bytes.buffer
    defer { extendLifetime(bytes) }
    if let image = image ?? ArrivingJPEG(buffer, box: box) {
      let picture = image.picture(buffer)
      if part != nil, !image.isBroken {
        arriving = part?.isOver ?? true ? nil : image
        return picture.map { .image($0) } ?? .nothingYet
      }
      if let picture, image.isWhole { return .image(picture) }
    }
    return load(entry, box: box, currentPath: currentPath)
  }
}
#endif
