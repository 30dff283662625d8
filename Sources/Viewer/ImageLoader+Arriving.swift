#if Viewer
extension ImageLoader {
  /// As `load`, at the size of a thumbnail. An image that is still arriving is decoded on from where its last
  /// picture ended. `arriving` is that image, nil at first, and nil afterwards when nothing more will be
  /// decoded there. `isPreviewEnough`: of a large file the small picture that a camera put there may be
  /// taken.
  package static func loadThumbnail(
    _ entry: GalleryFeed.Entry, box: PixelSize, isPreviewEnough: Bool = false,
    arriving: inout ArrivingJPEG?, currentPath: (GalleryFeed.Entry) -> String?
  ) -> Picture {
    let part = entry.item.part
    var image = arriving
    arriving = nil
    if image?.box != box { image = nil }
    if part?.leadingByteCount == 0 { return .nothingYet }
    if part == nil, image == nil, isPreviewEnough, let path = currentPath(entry),
      let preview = loadPreview(path)
    {
      return .image(preview)
    }
    // A file that has become whole since the request has another name.
    guard let path = currentPath(entry) ?? (part == nil ? nil : entry.item.path),
      let bytes = try? FileBytes(path: path, limit: part?.leadingByteCount ?? .max)
    else {
      guard part != nil else { return load(entry, box: box, currentPath: currentPath) }
      arriving = image
      return .nothingYet
    }
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

  private static func loadPreview(_ path: String) -> DecodedImage? {
    guard let bytes = try? FileBytes(path: path, limit: previewReach), bytes.fileByteCount > previewReach
    else { return nil }
    defer { extendLifetime(bytes) }
    return JPEGDecoder.embedded(in: bytes.buffer, fileByteCount: bytes.fileByteCount)
  }

  /// Bytes in which all that comes before an image's first scan is expected. A smaller file is decoded at
  /// once.
  private static let previewReach: UInt64 = 128 << 10
}
#endif
