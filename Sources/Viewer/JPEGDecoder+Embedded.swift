#if Viewer
import CTurboJPEG

extension JPEGDecoder {
  /// The small picture that a camera put into the file, in the colours and the orientation of the image. Some
  /// have black bars, because each of a camera's has the same shape: only the middle is kept.
  ///
  /// Nil when there is none, or one that is damaged or of another shape. `file` is the file's beginning.
  package static func embedded(
    in file: UnsafeRawBufferPointer, fileByteCount: UInt64
  ) -> DecodedImage? {
    guard let header = try? checkedHeader(file), let place = header.thumbnail,
      place.upperBound <= file.count
    else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: file[place])
    guard let small = try? checkedHeader(bytes), [1, 3].contains(small.componentCount),
      small.componentCount == header.componentCount, small.size.pixelCount <= embeddedPixelLimit,
      header.size.covers(small.size)
    else { return nil }
    let shape = header.size.fitted(into: small.size)
    guard shape.pixelCount * 10 >= small.size.pixelCount * 7, let handle = tjInitDecompress() else {
      return nil
    }
    defer { tjDestroy(handle) }
    var buffer = PixelBuffer(size: small.size)
    do {
      _ = try colorSpace(bytes, expecting: small, handle)
      guard try decompress(bytes, into: buffer, format: TJPF_BGRA, handle) == nil else { return nil }
    } catch { return nil }
    buffer.crop(to: shape)
    buffer.convertToScreen(ColorProfile.embedded(in: file), from: small.componentCount == 1 ? .gray : .rgb)
    buffer.makeUpright(orientation: header.orientation)
    return buffer.finish(
      sourceSize: header.uprightSize, note: nil, fileByteCount: Int(clamping: fileByteCount), isPreview: true)
  }

  /// Exif holds 64 KiB at most, and cameras write 160 × 120 to 320 × 240.
  private static let embeddedPixelLimit = 640 * 480
}
#endif
