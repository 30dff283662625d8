/// Elementary functions built from IEEE 754 basic arithmetic only.
///
/// The C library picks its `sin` by processor, and the last bit differs; a chaotic map makes that visible.
/// These give the same bits everywhere, so a committed picture can be checked on any machine. Errors about
/// 1e-11 for sine and cosine, 1e-12 for `angle`, 1e-15 for the others.

let turn = 2 * Double.pi

/// Nearest integer, ties to even, for |x| < 2^51: adding 1.5·2^52 leaves no fraction bits.
@inline(__always) func nearest(_ x: Double) -> Double { (x + 6_755_399_441_055_744) - 6_755_399_441_055_744 }

/// Largest integer not above `x`, |x| < 2^51.
@inline(__always) func floorOf(_ x: Double) -> Double {
  let n = nearest(x)
  return n > x ? n - 1 : n
}

/// Fractional part in [0, 1).
@inline(__always) func fraction(_ x: Double) -> Double { x - floorOf(x) }

/// Sine and cosine of `x` radians, |x| below about 1e6. Taylor series after reduction to ±π/4.
@inline(__always) func sineCosine(_ x: Double) -> (sine: Double, cosine: Double) {
  let quarter = nearest(x * (2 / Double.pi))
  // π/2 in two parts, so that the reduction keeps its low bits.
  let r = (x - quarter * 1.5707963267341256) - quarter * 6.077100506506192e-11
  let r2 = r * r
  let s =
    r * (1 + r2 * (-1 / 6 + r2 * (1 / 120 + r2 * (-1 / 5040 + r2 * (1 / 362_880 + r2 * (-1 / 39_916_800))))))
  let c =
    1 + r2
    * (-1 / 2 + r2 * (1 / 24 + r2 * (-1 / 720 + r2 * (1 / 40320 + r2 * (-1 / 3_628_800 + r2 / 479_001_600)))))
  switch Int(quarter) & 3 {
  case 0: return (s, c)
  case 1: return (c, -s)
  case 2: return (-s, -c)
  default: return (-c, s)
  }
}

@inline(__always) func sine(_ x: Double) -> Double { sineCosine(x).sine }
@inline(__always) func cosine(_ x: Double) -> Double { sineCosine(x).cosine }

/// e^x; `x` is clamped to ±700.
func exponential(_ x: Double) -> Double {
  let x = min(max(x, -700), 700)
  let k = nearest(x * 1.4426950408889634)
  let r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10
  var sum = 1.0
  var n = 13.0
  while n >= 1 {
    sum = 1 + sum * r / n
    n -= 1
  }
  return sum * Double(bitPattern: UInt64(Int(k) + 1023) << 52)
}

/// Natural logarithm of a positive normal number; anything smaller counts as the smallest normal number.
func logarithm(_ x: Double) -> Double {
  let bits = max(x, Double.leastNormalMagnitude).bitPattern
  var exponent = Double(Int(bits >> 52) - 1023)
  var m = Double(bitPattern: (bits & 0xF_FFFF_FFFF_FFFF) | (1023 << 52))
  if m > 1.4142135623730951 {
    m *= 0.5
    exponent += 1
  }
  let s = (m - 1) / (m + 1)
  let s2 = s * s
  var sum = 0.0
  var n = 21.0
  while n >= 1 {
    sum = sum * s2 + 1 / n
    n -= 2
  }
  return exponent * 0.6931471805599453 + 2 * s * sum
}

/// b^e for b ≥ 0.
func power(_ b: Double, _ e: Double) -> Double { b <= 0 ? 0 : exponential(e * logarithm(b)) }

/// The angle of (x, y) in (-π, π]; 0 for the origin.
func angle(_ y: Double, _ x: Double) -> Double {
  let ax = abs(x)
  let ay = abs(y)
  if ax + ay == 0 { return 0 }
  var t = min(ax, ay) / max(ax, ay)
  var offset = 0.0
  if t > 0.41421356237309503 {
    t = (t - 1) / (t + 1)
    offset = Double.pi / 4
  }
  let t2 = t * t
  var sum = 0.0
  var n = 29.0
  while n >= 1 {
    sum = 1 / n - t2 * sum
    n -= 2
  }
  var a = offset + t * sum
  if ay > ax { a = Double.pi / 2 - a }
  if x < 0 { a = Double.pi - a }
  return y < 0 ? -a : a
}

/// Hermite step from 0 at `low` to 1 at `high`.
@inline(__always) func smoothStep(_ low: Double, _ high: Double, _ x: Double) -> Double {
  let t = min(max((x - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}

@inline(__always) func mix(_ a: Double, _ b: Double, _ t: Double) -> Double { a + (b - a) * t }

/// A point of the plane, or a complex number x + iy.
struct Point: Sendable {
  var x: Double
  var y: Double
  init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
  var squaredLength: Double { x * x + y * y }
  var length: Double { squaredLength.squareRoot() }
  var reciprocal: Point { Point(x / squaredLength, -y / squaredLength) }
  static func + (a: Point, b: Point) -> Point { Point(a.x + b.x, a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(a.x - b.x, a.y - b.y) }
  /// Complex product.
  static func * (a: Point, b: Point) -> Point { Point(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x) }
  static func * (a: Point, k: Double) -> Point { Point(a.x * k, a.y * k) }
  /// Complex quotient.
  static func / (a: Point, b: Point) -> Point { a * b.reciprocal }
  func rotated(by radians: Double) -> Point {
    let (s, c) = sineCosine(radians)
    return Point(x * c - y * s, x * s + y * c)
  }
}
