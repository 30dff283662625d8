/// Apollonian gaskets within gaskets: between any three touching circles fits a fourth, and every circle
/// holds another gasket.

/// A circle by curvature and curvature times centre: Descartes' theorem is linear in these.
private struct Circle {
  var curvature: Double
  var moment: Point
  var radius: Double { 1 / abs(curvature) }
  var centre: Point { moment * (1 / curvature) }

  /// The other circle that touches a, b and c.
  static func opposite(_ old: Circle, _ a: Circle, _ b: Circle, _ c: Circle) -> Circle {
    Circle(
      curvature: 2 * (a.curvature + b.curvature + c.curvature) - old.curvature,
      moment: (a.moment + b.moment + c.moment) * 2 - old.moment)
  }
}

/// The circles of a gasket in the unit disc, down to `smallest` radius.
private func gasket(smallest: Double) -> [Circle] {
  let outer = Circle(curvature: -1, moment: Point(0, 0))
  let left = Circle(curvature: 2, moment: Point(-1, 0))
  let right = Circle(curvature: 2, moment: Point(1, 0))
  let top = Circle(curvature: 3, moment: Point(0, 2))
  let bottom = Circle(curvature: 3, moment: Point(0, -2))
  var found = [left, right, top, bottom]
  func fill(_ a: Circle, _ b: Circle, _ c: Circle, beside old: Circle) {
    let new = Circle.opposite(old, a, b, c)
    guard new.radius > smallest else { return }
    found.append(new)
    fill(a, b, new, beside: c)
    fill(a, c, new, beside: b)
    fill(b, c, new, beside: a)
  }
  for third in [top, bottom] {
    fill(outer, left, third, beside: right)
    fill(outer, right, third, beside: left)
    fill(left, right, third, beside: outer)
  }
  return found
}

/// Draws the nested gaskets as coloured beads.
func renderGasket(_ size: Size) -> Raster {
  let aspect = Double(size.height) / Double(size.width)
  let ground = hex(0x0D0F1C)
  let raster = Raster(size, samples: 1) { p in
    blend(hex(0x2A2350), ground, p.length / aspect) * (1 + 0.05 * fractalNoise(p * 40, octaves: 3, seed: 2))
  }
  let palettes = [
    Gradient([0xFFE8B8, 0xF2994A, 0xC0392B, 0x5B1647]), Gradient([0xE0FBFC, 0x5FC9C4, 0x2274A5, 0x14213D]),
    Gradient([0xF9F4DA, 0xB5C95A, 0x4E8D5A, 0x163832]), Gradient([0xFFE3EC, 0xE56B9F, 0x8E3B8A, 0x2D1E4F]),
  ]
  let circles = gasket(smallest: 0.0016)
  func paint(centre: Point, radius: Double, level: Int, turned: Double) {
    for circle in circles {
      let r = circle.radius * radius
      if r * size.unit < 1.1 { continue }
      let place = centre + (circle.centre * radius).rotated(by: turned)
      let seed = hashUnit(Int(place.x * 1e6), Int(place.y * 1e6), UInt64(level))
      bead(raster, at: place, radius: r, colour: palettes[(level + (seed < 0.12 ? 1 : 0)) % 4], tone: seed)
      if r * size.unit > 26, level < 4 {
        paint(centre: place, radius: r * 0.93, level: level + 1, turned: turned + 0.4 + seed * turn)
      }
    }
  }
  // Three great discs that touch and run off the sheet.
  for (index, disc) in [(Point(0, 0.42), 0.98), (Point(-0.72, -0.93), 0.54), (Point(0.52, -0.99), 0.58)]
    .enumerated()
  {
    bead(raster, at: disc.0, radius: disc.1, colour: palettes[3], tone: 0.8)
    paint(centre: disc.0, radius: disc.1 * 0.985, level: index, turned: 0.3 + Double(index))
  }
  return raster
}

/// One bead: a lit dome with a rim, its edge averaged with what lies below.
private func bead(_ raster: Raster, at place: Point, radius: Double, colour: Gradient, tone: Double) {
  let size = raster.size
  let centre = size.pixel(place)
  let r = radius * size.unit
  let left = max(Int(centre.x - r - 1), 0)
  let right = min(Int(centre.x + r + 1), size.width - 1)
  let top = max(Int(centre.y - r - 1), 0)
  let bottom = min(Int(centre.y + r + 1), size.height - 1)
  guard left <= right, top <= bottom else { return }
  for y in top...bottom {
    for x in left...right {
      let dx = Double(x) + 0.5 - centre.x
      let dy = Double(y) + 0.5 - centre.y
      let distance = (dx * dx + dy * dy).squareRoot()
      let cover = min(max(r - distance + 0.5, 0), 1)
      if cover == 0 { continue }
      let t = distance / r
      let light = 0.5 - 0.5 * (dx + dy) / r * 0.7
      let rim = smoothStep(0.9, 0.97, t)
      let base = colour(0.15 + 0.6 * tone + 0.25 * t - 0.2 * light)
      let lit = base * (0.6 + 0.6 * light - 0.35 * rim) * 255
      let offset = 3 * x
      for channel in 0..<3 {
        let old = Double(raster.bytes[offset + channel, y])
        raster.bytes[offset + channel, y] = UInt8(min(max(old + (lit[channel] - old) * cover, 0), 255) + 0.4)
      }
    }
  }
}
