/// How large an image is drawn, and which part of it the window shows. Knows only numbers.
///
/// Coordinates are pixels of the window's picture area, from its top left corner.
package struct ImageZoom: Equatable, Sendable {
  /// A place in the area. It may reach beyond it.
  package struct Frame: Equatable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }
  }

  /// The largest magnification: an image's pixel covers 32 by 32 of the window.
  package static let limit = 32.0
  /// One step of a key or of the wheel.
  package static let step = 1.25

  /// Window pixels for one pixel of the image; nil: the whole image fills the area.
  package private(set) var scale: Double?
  /// The place of the image's middle, relative to the area's middle.
  private var offsetX = 0.0
  private var offsetY = 0.0

  package init() {}

  package var isFitted: Bool { scale == nil }

  /// The scale at which `image` just fits into `area`.
  package static func fittingScale(_ image: PixelSize, in area: PixelSize) -> Double {
    guard image.width > 0, image.height > 0 else { return 1 }
    return min(Double(area.width) / Double(image.width), Double(area.height) / Double(image.height))
  }

  /// The scale at which the image is drawn.
  package func currentScale(_ image: PixelSize, in area: PixelSize) -> Double {
    scale ?? Self.fittingScale(image, in: area)
  }

  /// Where the image is drawn.
  package func frame(of image: PixelSize, in area: PixelSize) -> Frame {
    guard let scale else {
      let size = image.fitted(into: area)
      return Frame(
        x: Double((area.width - size.width) / 2), y: Double((area.height - size.height) / 2),
        width: Double(size.width), height: Double(size.height))
    }
    let (width, height) = (Double(image.width) * scale, Double(image.height) * scale)
    return Frame(
      x: (Double(area.width) - width) / 2 + offsetX, y: (Double(area.height) - height) / 2 + offsetY,
      width: width, height: height)
  }

  /// Whether a part of the image lies outside of the area, so that moving it makes sense.
  package func isLargerThanArea(_ image: PixelSize, in area: PixelSize) -> Bool {
    guard let scale else { return false }
    return Double(image.width) * scale > Double(area.width) + 0.5
      || Double(image.height) * scale > Double(area.height) + 0.5
  }

  /// Zooms by a factor. The image's point at (`x`, `y`) stays there. At the fitting scale, or below, the
  /// image is fitted again.
  package mutating func zoom(
    by factor: Double, atX x: Double, y: Double, image: PixelSize, in area: PixelSize
  ) {
    zoom(to: currentScale(image, in: area) * factor, atX: x, y: y, image: image, in: area)
  }

  /// Zooms to a scale, as `zoom(by:)`.
  package mutating func zoom(
    to wanted: Double, atX x: Double, y: Double, image: PixelSize, in area: PixelSize
  ) {
    let fitting = Self.fittingScale(image, in: area)
    let smallest = min(fitting, 1)  // a small image may be shown at its own size
    let next = min(max(wanted, smallest), max(Self.limit, fitting))
    // Steps in and out again lead to the whole image, although their product is not quite 1.
    guard wanted.isFinite, abs(next / fitting - 1) > 1e-6 else { return fit() }
    let old = frame(of: image, in: area)
    guard old.width > 0, old.height > 0 else { return }
    let (partX, partY) = ((x - old.x) / old.width, (y - old.y) / old.height)
    scale = next
    let (width, height) = (Double(image.width) * next, Double(image.height) * next)
    offsetX = x - partX * width - (Double(area.width) - width) / 2
    offsetY = y - partY * height - (Double(area.height) - height) / 2
    clamp(image, in: area)
  }

  /// Moves the image. Its edge never comes inside the area's.
  package mutating func pan(x: Double, y: Double, image: PixelSize, in area: PixelSize) {
    guard scale != nil else { return }
    offsetX += x
    offsetY += y
    clamp(image, in: area)
  }

  package mutating func fit() { self = ImageZoom() }

  /// What to draw of a decoded picture: which of its pixels, and where in the area. Only the pixels that lie
  /// within the area, so that no drawing is much larger than the window.
  package func visiblePart(
    of image: PixelSize, decodedAt decoded: PixelSize, in area: PixelSize
  ) -> (source: GridLayout.Frame, target: GridLayout.Frame) {
    let place = frame(of: image, in: area)
    let (scaleX, scaleY) = (place.width / Double(decoded.width), place.height / Double(decoded.height))
    func span(_ start: Double, _ scale: Double, _ count: Int, _ limit: Int) -> (Int, Int, Int, Int) {
      guard scale > 0 else { return (0, count, 0, 1) }
      let first = min(max(0, Int((-start / scale).rounded(.down))), count - 1)
      let end = min(max(first + 1, Int(((Double(limit) - start) / scale).rounded(.up))), count)
      let low = (start + Double(first) * scale).rounded()
      let high = (start + Double(end) * scale).rounded()
      return (first, end - first, Int(low), max(1, Int(high - low)))
    }
    let (sourceX, sourceWidth, x, width) = span(place.x, scaleX, decoded.width, area.width)
    let (sourceY, sourceHeight, y, height) = span(place.y, scaleY, decoded.height, area.height)
    return (
      GridLayout.Frame(x: sourceX, y: sourceY, size: PixelSize(width: sourceWidth, height: sourceHeight)),
      GridLayout.Frame(x: x, y: y, size: PixelSize(width: width, height: height))
    )
  }

  /// The size to decode an image for: that of its drawing, in steps of two, at most the image's own and at
  /// most `pixelLimit` pixels.
  package func decodingBox(_ image: PixelSize?, in area: PixelSize, pixelLimit: Int) -> PixelSize {
    guard let scale, let image else { return area }
    var box = area
    var reached = Self.fittingScale(image, in: area)
    while reached < min(scale, 1), 4 * box.pixelCount <= pixelLimit {
      box = PixelSize(width: box.width * 2, height: box.height * 2)
      reached *= 2
    }
    return box
  }

  private mutating func clamp(_ image: PixelSize, in area: PixelSize) {
    guard let scale else { return }
    let roomX = max(0, Double(image.width) * scale - Double(area.width)) / 2
    let roomY = max(0, Double(image.height) * scale - Double(area.height)) / 2
    offsetX = min(max(offsetX, -roomX), roomX)
    offsetY = min(max(offsetY, -roomY), roomY)
  }
}
