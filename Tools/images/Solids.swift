/// Solids found by sphere tracing: the distance to the surface says how far a ray may safely go.

/// A vector of space; the fourth lane stays zero.
private typealias Vector = SIMD4<Double>

@inline(__always) private func dot(_ a: Vector, _ b: Vector) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }
@inline(__always) private func normalized(_ v: Vector) -> Vector { v / max(dot(v, v).squareRoot(), 1e-300) }
private func cross(_ a: Vector, _ b: Vector) -> Vector {
  Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x, 0)
}

/// Where a camera stands and looks.
private struct Camera: Sendable {
  var place: Vector
  private let right: Vector
  private let up: Vector
  private let forward: Vector

  /// - Parameter focus: distance of the image plane; larger is narrower.
  init(at place: Vector, towards target: Vector, roll: Double, focus: Double) {
    self.place = place
    let direction = normalized(target - place)
    let (s, c) = sineCosine(roll)
    right = normalized(cross(direction, Vector(s, c, 0, 0)))
    up = cross(right, direction)
    forward = direction * focus
  }

  func ray(_ p: Point) -> Vector { normalized(forward + right * p.x + up * p.y) }
}

/// Distance to the power-8 Mandelbulb; the trap is the least distance of the orbit to the origin.
private func bulb(_ p: Vector) -> (distance: Double, trap: Double) {
  var z = p
  var m = dot(z, z)
  var derivative = 1.0
  var trap = m
  for _ in 0..<5 {
    derivative = 8 * m * m * m * m.squareRoot() * derivative + 1
    // Power 8 of the triplex (Quílez's polynomial form is by cos 8θ; here the squaring is done three times).
    for _ in 0..<3 {
      let flat = z.x * z.x + z.y * z.y
      let ratio = flat > 1e-30 ? 1 - z.z * z.z / flat : 1
      z = Vector((z.x * z.x - z.y * z.y) * ratio, 2 * z.x * z.y * ratio, 2 * z.z * flat.squareRoot(), 0)
    }
    z += p
    m = dot(z, z)
    trap = min(trap, m)
    if m > 64 { break }
  }
  return (0.25 * logarithm(m) * m.squareRoot() / derivative, trap)
}

/// Distance to the Menger sponge in [-1, 1]³; the trap says at which level the nearest hole is.
private func sponge(_ p: Vector, levels: Int) -> (distance: Double, trap: Double) {
  let q = Vector(abs(p.x), abs(p.y), abs(p.z), 0) - Vector(1, 1, 1, 0)
  var distance = max(q.x, max(q.y, q.z))
  var scale = 1.0
  var trap = 0.0
  for level in 0..<levels {
    let a = p * scale
    // a modulo 2, centred.
    let b = Vector(
      a.x + 1 - 2 * floorOf((a.x + 1) / 2 + 0.5), a.y + 1 - 2 * floorOf((a.y + 1) / 2 + 0.5),
      a.z + 1 - 2 * floorOf((a.z + 1) / 2 + 0.5), 0)
    scale *= 3
    let r = Vector(abs(1 - 3 * abs(b.x)), abs(1 - 3 * abs(b.y)), abs(1 - 3 * abs(b.z)), 0)
    let hole = (min(max(r.x, r.y), min(max(r.y, r.z), max(r.z, r.x))) - 1) / scale
    if hole > distance {
      distance = hole
      trap = Double(level + 1)
    }
  }
  return (distance, trap)
}

/// The Mandelbulb against a dusk sky.
func renderMandelbulb(_ size: Size) -> Raster {
  let camera = Camera(
    at: Vector(1.35, 1.75, 1.25, 0), towards: Vector(0, 0, -0.03, 0), roll: 0.3, focus: 2.45)
  let sun = normalized(Vector(0.9, 0.35, 1.1, 0))
  let skin = Gradient([0x5C1A33, 0xB8433B, 0xF09A51, 0xF7E3B5, 0x7FC8C2, 0x1F5F8B])
  return Raster(size, samples: 4) { p in
    let sky =
      blend(hex(0x31355E), hex(0x0C0D1F), 0.5 + 0.4 * p.y) + hex(0x6B3A4A)
      * exponential(-p.squaredLength * 1.6) * 0.5
    let ray = camera.ray(p)
    // The bulb fits a sphere of radius 1.25.
    let b = dot(camera.place, ray)
    let inside = b * b - dot(camera.place, camera.place) + 1.5625
    if inside < 0 { return sky }
    var t = -b - inside.squareRoot()
    let far = -b + inside.squareRoot()
    for step in 0..<110 {
      let here = camera.place + ray * t
      let (distance, trap) = bulb(here)
      if distance < 0.0008 {
        let e = 0.0008
        let normal = normalized(
          Vector(
            bulb(here + Vector(e, 0, 0, 0)).distance - bulb(here - Vector(e, 0, 0, 0)).distance,
            bulb(here + Vector(0, e, 0, 0)).distance - bulb(here - Vector(0, e, 0, 0)).distance,
            bulb(here + Vector(0, 0, e, 0)).distance - bulb(here - Vector(0, 0, e, 0)).distance, 0))
        let lambert = max(dot(normal, sun), 0)
        let crevice = exponential(-Double(step) * 0.022)
        let rim = power(1 - abs(dot(normal, ray)), 3)
        let base = skin(power(min(trap, 1), 1.4) * 1.1)
        let light = Colour(1.2, 1.05, 0.85) * lambert + Colour(0.42, 0.46, 0.6) * (0.7 + 0.3 * normal.z)
        return base * light * crevice + Colour(0.3, 0.4, 0.6) * rim * 0.5 * crevice
      }
      t += distance * 0.9
      if t > far { break }
    }
    return sky
  }
}

/// A corner of the Menger sponge in evening light.
func renderSponge(_ size: Size, samples: Int) -> Raster {
  let camera = Camera(
    at: Vector(1.62, 1.5, 2.1, 0), towards: Vector(0.2, 0.12, 0.2, 0), roll: 0.06, focus: 2.3)
  let sun = normalized(Vector(0.55, 1.0, 0.62, 0))
  let stone = [
    hex(0xE8D9BE), hex(0xD98E4A), hex(0xB4493B), hex(0x4C7D8C), hex(0x2E4F6E), hex(0x7C9A6A), hex(0xE2B84B),
  ]
  @Sendable func trace(_ from: Vector, _ ray: Vector, start: Double, limit: Int) -> (
    t: Double, trap: Double, steps: Int
  )? {
    var t = start
    for step in 0..<limit {
      let (distance, trap) = sponge(from + ray * t, levels: 6)
      if distance < 0.00035 * (t + 0.1) { return (t, trap, step) }
      t += distance
      if t > 6 { return nil }
    }
    return (t, 0, limit)
  }
  return Raster(size, samples: samples) { p in
    let ray = camera.ray(p)
    let sky = blend(hex(0xF3D9B1), hex(0x39688F), 0.55 + 0.45 * p.y) * (1.02 - 0.12 * p.squaredLength)
    guard let hit = trace(camera.place, ray, start: 0.2, limit: 120) else { return sky }
    let here = camera.place + ray * hit.t
    let e = 0.0004 * hit.t
    let normal = normalized(
      Vector(
        sponge(here + Vector(e, 0, 0, 0), levels: 6).distance
          - sponge(here - Vector(e, 0, 0, 0), levels: 6).distance,
        sponge(here + Vector(0, e, 0, 0), levels: 6).distance
          - sponge(here - Vector(0, e, 0, 0), levels: 6).distance,
        sponge(here + Vector(0, 0, e, 0), levels: 6).distance
          - sponge(here - Vector(0, 0, e, 0), levels: 6).distance, 0))
    let lifted = here + normal * 0.003
    let facing = max(dot(normal, sun), 0)
    let isLit = facing > 0 && trace(lifted, sun, start: 0.004, limit: 60) == nil
    var open = 0.0
    for step in 1...4 {
      let reach = 0.03 * Double(step * step)
      open += min(sponge(here + normal * reach, levels: 4).distance / reach, 1) / 4
    }
    let light =
      Colour(1.15, 1.0, 0.8) * (isLit ? facing : 0) + Colour(0.32, 0.4, 0.52) * (0.15 + 0.85 * max(open, 0))
      * (0.75 + 0.25 * normal.y)
    let grain =
      1 + 0.1 * fractalNoise(Point(here.x + here.z * 0.7, here.y - here.z * 0.6) * 90, octaves: 4, seed: 12)
    let colour = stone[Int(hit.trap) % stone.count] * light * grain
    return blend(colour, sky * 0.8, smoothStep(2.4, 6.5, hit.t) * 0.8)
  }
}
