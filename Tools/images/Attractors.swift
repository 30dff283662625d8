/// Pictures of where a point goes: visits counted, then shown by the logarithm of the count.

/// The largest count that is not an outlier: the 99.9th percentile, from a sample.
private func bright(_ plane: Plane<Float>) -> Double {
  let count = plane.width * plane.height
  var values: [Float] = []
  for index in stride(from: 0, to: count, by: max(count / 200_000, 1)) where plane.base[index] > 0 {
    values.append(plane.base[index])
  }
  values.sort()
  return values.isEmpty ? 1 : Double(values[values.count * 999 / 1000])
}

/// Pickover's Clifford attractor; colour follows the speed of the point.
func renderClifford(_ size: Size) -> Raster {
  let visits = Plane<Float>(width: size.width, height: size.height, filledWith: 0)
  let speeds = Plane<Float>(width: size.width, height: size.height, filledWith: 0)
  var p = Point(0.1, 0.1)
  for step in 0..<9_000_000 {
    let next = Point(
      sine(-1.7 * p.y) + 1.5 * cosine(-1.7 * p.x), sine(1.8 * p.x) - 0.7 * cosine(1.8 * p.y) * -1)
    let speed = (next - p).length
    p = next
    if step < 100 { continue }
    let pixel = size.pixel(Point(p.x * 0.5, p.y * 0.54))
    visits.splat(pixel.x, pixel.y, 1)
    speeds.splat(pixel.x, pixel.y, speed)
  }
  let top = logarithm(1 + bright(visits))
  let gradient = Gradient([0x3A86FF, 0x00C2D1, 0xB8F2C0, 0xFFE066, 0xFF7B54, 0xE83F6F])
  return Raster(
    size, samples: 1,
    pixelShader: { px, py in
      let count = Double(visits[Int(px), Int(py)])
      let level = logarithm(1 + count) / top
      let speed = count > 0 ? Double(speeds[Int(px), Int(py)]) / count : 0
      return hex(0x070A16) + gradient(speed / 3.1) * power(level, 1.25) * 1.05 + grey(0.35 * power(level, 5))
    })
}

/// Peter de Jong's attractor, dark on light, for a grayscale file.
func renderDeJong(_ size: Size) -> Raster {
  let halves = [0, 1].map { _ in Plane<Float>(width: size.width, height: size.height, filledWith: 0) }
  let pointCount = Int(10 * Double(size.width * size.height))
  forEachRow(2) { thread in
    var p = Point(0.1 + 0.3 * Double(thread), 0.2)
    for step in 0..<(pointCount / 2) {
      p = Point(sine(1.4 * p.y) - cosine(-2.3 * p.x), sine(2.4 * p.x) - cosine(-2.1 * p.y))
      if step < 100 { continue }
      let pixel = size.pixel(Point(p.x * 0.47, p.y * 0.62))
      halves[thread].splat(pixel.x, pixel.y, 1)
    }
  }
  let visits = halves[0]
  for index in 0..<(visits.width * visits.height) { visits.base[index] += halves[1].base[index] }
  let top = logarithm(1 + bright(visits))
  return Raster(
    size, samples: 1,
    pixelShader: { px, py in
      let level = min(logarithm(1 + Double(visits[Int(px), Int(py)])) / top, 1)
      return grey(0.97 - 0.95 * power(level, 0.9))
    })
}

/// Barnsley's fern on paper.
func renderFern(_ size: Size) -> Raster {
  let visits = Plane<Float>(width: size.width * 2, height: size.height * 2, filledWith: 0)
  let young = Plane<Float>(width: size.width * 2, height: size.height * 2, filledWith: 0)
  var generator = Generator(seed: 8)
  for frond in 0..<3 {
    let lean = [0.0, -0.42, 0.4][frond]
    let scale = [0.183, 0.125, 0.11][frond]
    let foot = [Point(0.0, -1.27), Point(-0.18, -1.27), Point(0.2, -1.27)][frond]
    var p = Point(0, 0)
    var age = 0.0
    for step in 0..<3_000_000 {
      let choice = generator.unit()
      if choice < 0.01 {
        p = Point(0, 0.16 * p.y)
        age *= 0.5
      } else if choice < 0.86 {
        p = Point(0.85 * p.x + 0.04 * p.y, -0.04 * p.x + 0.85 * p.y + 1.6)
        age = age * 0.9 + 0.1
      } else if choice < 0.93 {
        p = Point(0.2 * p.x - 0.26 * p.y, 0.23 * p.x + 0.22 * p.y + 1.6)
        age *= 0.3
      } else {
        p = Point(-0.15 * p.x + 0.28 * p.y, 0.26 * p.x + 0.24 * p.y + 0.44)
        age *= 0.3
      }
      if step < 50 { continue }
      let pixel = size.pixel((p * scale * 1.28).rotated(by: -lean) + foot) * 2
      visits.splat(pixel.x, pixel.y, 1)
      young.splat(pixel.x, pixel.y, age)
    }
  }
  let green = Gradient([0x123524, 0x2D6A4F, 0x74A63A, 0xC9D65B])
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let x = min(Int(px * 2), visits.width - 1)
      let y = min(Int(py * 2), visits.height - 1)
      let count = Double(visits[x, y])
      let p = size.point(px, py)
      let paper =
        blend(hex(0xFBF6E9), hex(0xE8DFC6), p.squaredLength * 0.45)
        * (1 + 0.03 * fractalNoise(Point(px, py) * 0.02, octaves: 4, seed: 2))
      let cover = 1 - exponential(-count * 0.22)
      return blend(
        paper, green(count > 0 ? Double(young[x, y]) / count * 1.25 : 0) * (1.05 - 0.3 * cover), cover)
    })
}

/// A harmonograph: two decaying pendulums a hair out of tune, drawn in light.
func renderHarmonograph(_ size: Size) -> Raster {
  let factor = 2
  let field = Size(width: size.width * factor, height: size.height * factor)
  let planes = (0..<3).map { _ in Plane<Float>(width: field.width, height: field.height, filledWith: 0) }
  let gradient = Gradient([0xFF4D80, 0xFFB35C, 0xF8F3B0, 0x5CE1E6, 0x5B6CFF, 0xB14DFF])
  let count = 2_400_000
  for step in 0..<count {
    let t = Double(step) / Double(count)
    let time = t * turn * 110
    let decay = exponential(-t * 1.7)
    let x = decay * (0.74 * sine(time * 2.003 + 0.4) + 0.2 * sine(time * 3.0 + 1.1))
    let y = decay * (0.95 * sine(time * 3.004 + 1.9) + 0.32 * sine(time * 2.0))
    let pixel = field.pixel(Point(x, y))
    let colour = gradient(t)
    // Late swings lie close together: they get less ink.
    for channel in 0..<3 { planes[channel].splat(pixel.x, pixel.y, colour[channel] * 0.11 * (0.25 + decay)) }
  }
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let x = min(Int(px * 2), field.width - 1)
      let y = min(Int(py * 2), field.height - 1)
      let glow = size.point(px, py).squaredLength
      var colour = hex(0x0B0B1E) * (1.3 - 0.35 * glow)
      for channel in 0..<3 { colour[channel] += 1 - exponential(-Double(planes[channel][x, y]) * 1.3) }
      return colour
    })
}
