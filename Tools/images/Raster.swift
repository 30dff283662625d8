import Dispatch

/// A rectangle of values that two threads may fill at once, as long as each row has one writer.
final class Plane<Element>: @unchecked Sendable {
  let width: Int
  let height: Int
  let base: UnsafeMutablePointer<Element>

  init(width: Int, height: Int, filledWith value: Element) {
    self.width = width
    self.height = height
    base = .allocate(capacity: width * height)
    base.initialize(repeating: value, count: width * height)
  }

  deinit {
    base.deinitialize(count: width * height)
    base.deallocate()
  }

  /// No bounds check: callers stay inside by construction.
  @inline(__always) subscript(x: Int, y: Int) -> Element {
    get { base[y * width + x] }
    set { base[y * width + x] = newValue }
  }

  /// The value at the nearest place inside.
  @inline(__always) func clamped(_ x: Int, _ y: Int) -> Element {
    base[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
  }
}

extension Plane where Element == Float {
  /// Bilinear interpolation; the value (0, 0) sits at the coordinates (0, 0).
  func interpolated(_ x: Double, _ y: Double) -> Double {
    let fx = floorOf(x)
    let fy = floorOf(y)
    let ix = Int(fx)
    let iy = Int(fy)
    let top = mix(Double(clamped(ix, iy)), Double(clamped(ix + 1, iy)), x - fx)
    let bottom = mix(Double(clamped(ix, iy + 1)), Double(clamped(ix + 1, iy + 1)), x - fx)
    return mix(top, bottom, y - fy)
  }

  /// Adds `weight` spread over the four values around (x, y); nothing outside.
  func splat(_ x: Double, _ y: Double, _ weight: Double) {
    let fx = floorOf(x)
    let fy = floorOf(y)
    let ix = Int(fx)
    let iy = Int(fy)
    guard ix >= 0, iy >= 0, ix + 1 < width, iy + 1 < height else { return }
    let u = x - fx
    let v = y - fy
    self[ix, iy] += Float(weight * (1 - u) * (1 - v))
    self[ix + 1, iy] += Float(weight * u * (1 - v))
    self[ix, iy + 1] += Float(weight * (1 - u) * v)
    self[ix + 1, iy + 1] += Float(weight * u * v)
  }
}

/// Width and height in pixels.
struct Size: Sendable {
  var width: Int
  var height: Int
  /// Half the shorter side, in pixels: the unit of the pictures' own coordinates.
  var unit: Double { Double(min(width, height)) / 2 }
  /// From pixel coordinates to the picture's: origin in the centre, y up, the shorter side is [-1, 1].
  func point(_ x: Double, _ y: Double) -> Point {
    Point((x - Double(width) / 2) / unit, (Double(height) / 2 - y) / unit)
  }
  /// From the picture's coordinates to pixels.
  func pixel(_ p: Point) -> Point { Point(p.x * unit + Double(width) / 2, Double(height) / 2 - p.y * unit) }
}

/// Runs `body` for each row, on two threads that take turns; a row's result must not depend on another row's.
func forEachRow(_ count: Int, _ body: @Sendable (Int) -> Void) {
  DispatchQueue.concurrentPerform(iterations: 2) { thread in
    for row in stride(from: thread, to: count, by: 2) { body(row) }
  }
}

/// An 8-bit RGB picture.
struct Raster: Sendable {
  let size: Size
  /// Three bytes a pixel.
  let bytes: Plane<UInt8>

  /// Asks `shader` for the mean of `samples` (1, 2, 4 or 9) points in each pixel, in pixel coordinates.
  init(_ size: Size, samples: Int, pixelShader shader: @Sendable (Double, Double) -> Colour) {
    let plane = Plane<UInt8>(width: 3 * size.width, height: size.height, filledWith: 0)
    let offsets = Self.offsets(samples)
    let scale = 1 / Double(offsets.count)
    forEachRow(size.height) { row in
      for column in 0..<size.width {
        var sum = Colour.zero
        for offset in offsets {
          let colour = shader(Double(column) + offset.x, Double(row) + offset.y).clamped(
            lowerBound: .zero, upperBound: .one)
          // Squared: close enough to light for a mean that keeps thin bright lines bright.
          sum += colour * colour
        }
        let colour = (sum * scale).squareRoot() * 255 + 0.5
        plane[3 * column, row] = UInt8(colour.x)
        plane[3 * column + 1, row] = UInt8(colour.y)
        plane[3 * column + 2, row] = UInt8(colour.z)
      }
    }
    self.size = size
    bytes = plane
  }

  /// The same in the picture's own coordinates, see `Size.point`.
  init(_ size: Size, samples: Int, shader: @Sendable (Point) -> Colour) {
    self.init(size, samples: samples, pixelShader: { x, y in shader(size.point(x, y)) })
  }

  /// Sample places in a pixel: a rotated grid for 4, so that near-vertical and near-horizontal edges gain
  /// most.
  private static func offsets(_ samples: Int) -> [Point] {
    switch samples {
    case 2: return [Point(0.25, 0.3), Point(0.75, 0.7)]
    case 4: return [Point(0.375, 0.125), Point(0.875, 0.375), Point(0.625, 0.875), Point(0.125, 0.625)]
    case 9: return (0..<9).map { Point((Double($0 % 3) + 0.5) / 3, (Double($0 / 3) + 0.5) / 3) }
    default: return [Point(0.5, 0.5)]
    }
  }
}
