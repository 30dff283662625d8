/// Fractals of z → z² + c: how fast a point leaves, lit as a relief by the derivative.

/// A point's escape.
private struct Escape {
  /// Steps until |z| > 2^16, made continuous.
  var time: Double
  /// Unit vector uphill in the potential, for lighting.
  var slope: Point
}

/// Iterates from `z`; `derivative` starts as dz/dparameter and `grows` says whether the parameter is c.
@inline(__always)
private func escape(_ start: Point, c: Point, parameterIsC: Bool, limit: Int) -> Escape? {
  var z = start
  var d = Point(1, 0)
  let growth = parameterIsC ? 1.0 : 0.0
  // Brent's search: an orbit that comes back to a kept place never leaves, so inner points end early.
  var kept = z
  var nextKept = 16
  for step in 0..<limit {
    let x2 = z.x * z.x
    let y2 = z.y * z.y
    if x2 + y2 > 4_294_967_296 {
      let smooth = Double(step) - logarithm(logarithm(x2 + y2) * 0.5) * 1.4426950408889634
      let u = z / d
      return Escape(time: smooth, slope: u * (1 / max(u.length, 1e-300)))
    }
    d = Point(2 * (z.x * d.x - z.y * d.y) + growth, 2 * (z.x * d.y + z.y * d.x))
    z = Point(x2 - y2 + c.x, 2 * z.x * z.y + c.y)
    if (z - kept).squaredLength < 1e-26 { return nil }
    if step == nextKept {
      kept = z
      nextKept *= 2
    }
  }
  return nil
}

/// Lambert light from the upper left at 45°, as a factor about [0.35, 1.1].
private func light(_ slope: Point) -> Double {
  let t = (slope.x * -0.7071 + slope.y * 0.7071 + 1.3) / 2.3
  return 0.35 + 0.75 * max(t, 0)
}

/// A window into the Mandelbrot set.
struct MandelbrotView: Sendable {
  var centre: Point
  /// Half the shorter side.
  var radius: Double
  var limit: Int
  var samples: Int
  var gradient: Gradient
  /// Periods of the gradient per unit of log time.
  var density: Double
  var phase: Double

  func render(_ size: Size) -> Raster {
    Raster(size, samples: samples) { p in
      let c = centre + p * radius
      guard let escape = escape(Point(0, 0), c: c, parameterIsC: true, limit: limit) else {
        return hex(0x05060C)
      }
      let shade = logarithm(max(escape.time, 1)) * density + phase
      return gradient.cyclic(shade) * light(escape.slope)
    }
  }
}

/// The Julia set of z² + c.
struct JuliaView: Sendable {
  var c: Point
  var centre = Point(0, 0)
  var radius: Double
  var turnedBy = 0.0
  var limit: Int
  var samples: Int
  var gradient: Gradient
  var density: Double
  var phase: Double
  var interior: Colour

  func render(_ size: Size) -> Raster {
    Raster(size, samples: samples) { p in
      let z = centre + p.rotated(by: turnedBy) * radius
      guard let escape = escape(z, c: c, parameterIsC: false, limit: limit) else { return interior }
      return gradient.cyclic(logarithm(max(escape.time + 2, 1)) * density + phase) * light(escape.slope)
    }
  }
}

/// The burning ship, z → (|x| + i|y|)² + c, at the small fleet on its western antenna; y points down, as
/// usual.
func renderBurningShip(_ size: Size) -> Raster {
  let gradient = Gradient([0x07040F, 0x3B0F3F, 0x9C2226, 0xF07F13, 0xFFE08A, 0xFFFDF0])
  return Raster(size, samples: 9) { p in
    let c = Point(-1.759 + p.x * 0.044, -0.0305 - p.y * 0.044)
    var z = Point(0, 0)
    var nearestApproach = 1e9
    for step in 0..<400 {
      let x2 = z.x * z.x
      let y2 = z.y * z.y
      if x2 + y2 > 1e6 {
        let time = Double(step) - logarithm(logarithm(x2 + y2) * 0.5) * 1.4426950408889634
        return gradient(power((time - 4) / 60, 0.55))
      }
      z = Point(x2 - y2 + c.x, 2 * abs(z.x * z.y) + c.y)
      nearestApproach = min(nearestApproach, abs(z.x) + 3 * abs(z.y))
    }
    return hex(0x0B0716) + hex(0x2A3A66) * min(nearestApproach * 4, 1)
  }
}

/// Newton's method on z⁸ + 15z⁴ − 16: which root a start finds, and how soon.
func renderNewton(_ size: Size) -> Raster {
  let roots = [
    Point(1, 0), Point(-1, 0), Point(0, 1), Point(0, -1), Point(1.41421356, 1.41421356),
    Point(-1.41421356, 1.41421356), Point(-1.41421356, -1.41421356), Point(1.41421356, -1.41421356),
  ]
  let colours = [0xE4572E, 0xF3A712, 0x29335C, 0x669BBC, 0x76B041, 0xA8C686, 0x8E3B7A, 0xD77FA1].map {
    hex(UInt32($0))
  }
  return Raster(size, samples: 9) { p in
    var z = p.rotated(by: 0.2) * 1.7
    var steps = 0.0
    for _ in 0..<60 {
      let z2 = z * z
      let z4 = z2 * z2
      let value = z4 * z4 + z4 * 15 - Point(16, 0)
      let slope = z2 * z * (z4 * 8 + Point(60, 0))
      let move = value / slope
      z = z - move
      let size2 = move.squaredLength
      if size2 < 1e-6 {
        steps += 1 + logarithm(max(size2, 1e-18) / 1e-6) / 27.6 * -1
        break
      }
      steps += 1
    }
    var best = 0
    for index in roots.indices where (z - roots[index]).squaredLength < (z - roots[best]).squaredLength {
      best = index
    }
    let depth = min(steps / 22, 1)
    return blend(colours[best] * (1.15 - 0.75 * power(depth, 0.7)), hex(0xFFF8E7), depth * depth * 0.8)
  }
}

/// Lyapunov exponents of the logistic map forced by BBBBBBAAAAAA ("Zircon Zity", Markus 1990): order is lit,
/// chaos is blue.
func renderLyapunov(_ size: Size) -> Raster {
  let order = Gradient([0xFFF6D6, 0xF9C74F, 0xD9822B, 0x7A3B12, 0x1A0B05, 0x000000])
  let chaos = Gradient([0x02040A, 0x0B2545, 0x13518A, 0x2E86C1])
  return Raster(size, samples: 4) { p in
    let a = 2.98 + p.x * 0.36
    let b = 3.635 + p.y * 0.36
    var x = 0.5
    var sum = 0.0
    for round in 0..<70 {
      var product = 1.0
      for step in 0..<12 {
        let r = step < 6 ? b : a
        product *= r * (1 - 2 * x)
        x = r * x * (1 - x)
      }
      if round >= 10 { sum += logarithm(abs(product) + 1e-30) }
    }
    let exponent = sum / 720
    return exponent < 0 ? order(power(min(-exponent / 1.6, 1), 0.55)) : chaos(exponent * 2.2)
  }
}
