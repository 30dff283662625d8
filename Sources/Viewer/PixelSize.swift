/// A width and a height in pixels.
package struct PixelSize: Sendable, Equatable, Hashable {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  package var pixelCount: Int { width * height }

  /// The same area turned by a quarter.
  package var transposed: PixelSize { PixelSize(width: height, height: width) }

  /// The largest size of this shape that fits into `box`, at least 1x1. It may be larger or smaller than this
  /// size.
  package func fitted(into box: PixelSize) -> PixelSize {
    guard width > 0, height > 0, box.width > 0, box.height > 0 else { return PixelSize(width: 1, height: 1) }
    let scale = min(Double(box.width) / Double(width), Double(box.height) / Double(height))
    return PixelSize(
      width: min(box.width, max(1, Int((Double(width) * scale).rounded()))),
      height: min(box.height, max(1, Int((Double(height) * scale).rounded()))))
  }

  /// Whether a picture of this size need not be enlarged to fill `other`.
  package func covers(_ other: PixelSize) -> Bool { width >= other.width && height >= other.height }
}
