/// Land made of noise, seen from above and lit from the upper left.

/// Marks what the sun does not reach: it stands at the upper left, so shadows run along the diagonals.
/// - Parameter drop: how far a shadow's edge sinks per diagonal pixel, in height units.
private func shadows(of land: Plane<Float>, drop: Float) -> Plane<Float> {
  let edge = Plane<Float>(width: land.width, height: land.height, filledWith: 0)
  for y in 0..<land.height {
    for x in 0..<land.width {
      let cast = x > 0 && y > 0 ? edge[x - 1, y - 1] - drop : -1e9
      edge[x, y] = max(land[x, y], cast)
    }
  }
  return edge
}

/// Islands in a shallow sea.
func renderArchipelago(_ size: Size) -> Raster {
  let factor = 2  // heights per pixel and axis, so that the raster can average
  let land = Plane<Float>(width: size.width * factor, height: size.height * factor, filledWith: 0)
  let field = Size(width: land.width, height: land.height)
  forEachRow(land.height) { y in
    for x in 0..<land.width {
      let p = field.point(Double(x), Double(y)) * 1.35 + Point(10.4, 4.1)
      let bend = Point(
        fractalNoise(p * 1.3, octaves: 4, seed: 21), fractalNoise(p * 1.3, octaves: 4, seed: 22))
      let base = fractalNoise(p + bend * 0.7, octaves: 9, seed: 23)
      let crest = ridgedNoise(p * 1.8 + bend, octaves: 6, seed: 24)
      land[x, y] = Float(base * 0.8 + max(base + 0.1, 0) * crest * 1.1 - 0.03)
    }
  }
  let shade = shadows(of: land, drop: 0.006)
  let sea = Gradient([0x061A40, 0x0A3D6B, 0x1282A2, 0x4CC9C0, 0xB8EBD9])
  let ground = Gradient([0xEAD9A0, 0x9DBF63, 0x4F8A43, 0x2F6B3C, 0x8A7B5A, 0xB8AFA3, 0xFFFFFF])
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let x = min(Int(px * Double(factor)), land.width - 2)
      let y = min(Int(py * Double(factor)), land.height - 2)
      let h = Double(land[x, y])
      let gx = Double(land[x + 1, y] - land[x, y])
      let gy = Double(land[x, y + 1] - land[x, y])
      let waves = fractalNoise(Point(px, py) * 0.05, octaves: 3, seed: 8)
      if h < 0 {
        let foam = smoothStep(-0.014, -0.004, h) * smoothStep(-0.2, 0.3, waves)
        return blend(sea(1 + h * 2.6 + waves * 0.04), grey(1), foam * 0.8)
      }
      let lit = min(max(0.78 - (gx + gy) * -42, 0.25), 1.35)
      let dark = shade[x, y] > land[x, y] + 0.002 ? 0.62 : 1
      return ground(power(h, 0.8) * 1.55 + waves * 0.05) * lit * dark
    })
}

/// Mountains worn by rain: ridged noise, then drops of water that carry earth down, then snow, forest and
/// rivers.
func renderMountains(_ size: Size) -> Raster {
  let coarse = Size(width: 1536, height: 1536 * size.height / size.width)
  let land = Plane<Float>(width: coarse.width, height: coarse.height, filledWith: 0)
  forEachRow(coarse.height) { y in
    for x in 0..<coarse.width {
      let p = coarse.point(Double(x), Double(y)) * 1.5 + Point(31, 17)
      let bend = Point(fractalNoise(p, octaves: 3, seed: 41), fractalNoise(p, octaves: 3, seed: 42))
      let massif = 0.5 + 0.9 * fractalNoise(p * 0.7 + bend * 0.4, octaves: 3, seed: 43)
      land[x, y] = Float(140 * massif * (0.35 + ridgedNoise(p + bend * 0.45, octaves: 7, seed: 44)))
    }
  }
  let flow = Plane<Float>(width: coarse.width, height: coarse.height, filledWith: 0)
  erode(land, recording: flow, dropCount: 500_000, seed: 45)

  let scale = Double(coarse.width) / Double(size.width)
  let fine = Plane<Float>(width: size.width, height: size.height, filledWith: 0)
  forEachRow(size.height) { y in
    for x in 0..<size.width {
      let p = Point(Double(x) * scale, Double(y) * scale)
      let rough = fractalNoise(p * 0.35, octaves: 5, seed: 46)
      fine[x, y] = Float(land.smoothed(p.x, p.y) + rough * 0.75)
    }
  }
  let shade = shadows(of: fine, drop: Float(0.85 * scale))
  let rock = Gradient([0x3C4A2E, 0x5E6B3A, 0x8C7B55, 0x9C8468, 0x8B7F78, 0xA7A29E])
  return Raster(
    size, samples: 1,
    pixelShader: { px, py in
      let x = min(Int(px), size.width - 2)
      let y = min(Int(py), size.height - 2)
      let h = Double(fine[x, y])
      let gx = Double(fine[x + 1, y] - fine[x, y]) / scale
      let gy = Double(fine[x, y + 1] - fine[x, y]) / scale
      let normal = 1 / (1 + gx * gx + gy * gy).squareRoot()
      let lambert = max((gx * 0.62 + gy * 0.62 + 0.75) * normal, 0)
      let sun = shade[x, y] > fine[x, y] + 0.6 ? 0.12 : 1.0
      let water = smoothStep(2.6, 5.5, flow.interpolated(px * scale, py * scale) / 14)
      let mottle = fractalNoise(Point(px, py) * scale * 0.08, octaves: 4, seed: 47)
      let snow = smoothStep(98, 128, h + mottle * 30) * smoothStep(0.42, 0.68, normal)
      let forest = smoothStep(74, 48, h + mottle * 34) * smoothStep(0.5, 0.72, normal)
      var colour = rock((h - 25) / 110 + mottle * 0.22)
      colour = blend(colour, hex(0x2E4A2A), forest * 0.85)
      colour = blend(colour, hex(0xF4F7FB), snow)
      colour = blend(colour, hex(0x3A6F8F), water * 0.75)
      // Sunlight is warm, the sky's light in the shade is blue.
      let light = Colour(1.12, 1.04, 0.92) * (lambert * sun) + Colour(0.24, 0.3, 0.42)
      return colour * light
    })
}

extension Plane where Element == Float {
  /// Uniform quadratic B-spline: no creases at the grid's lines, unlike bilinear.
  fileprivate func smoothed(_ x: Double, _ y: Double) -> Double {
    let nx = nearest(x)
    let ny = nearest(y)
    let u = x - nx
    let v = y - ny
    let wx =
      [0.5 * (0.5 - u) * (0.5 - u), 0.75 - u * u, 0.5 * (0.5 + u) * (0.5 + u)] as InlineArray<3, Double>
    let wy =
      [0.5 * (0.5 - v) * (0.5 - v), 0.75 - v * v, 0.5 * (0.5 + v) * (0.5 + v)] as InlineArray<3, Double>
    var sum = 0.0
    for j in 0..<3 {
      for i in 0..<3 { sum += wx[i] * wy[j] * Double(clamped(Int(nx) + i - 1, Int(ny) + j - 1)) }
    }
    return sum
  }
}

/// Drops that run downhill, pick up earth while fast and lay it down while slow. Heights in cells.
private func erode(_ land: Plane<Float>, recording flow: Plane<Float>, dropCount: Int, seed: UInt64) {
  var generator = Generator(seed: seed)
  for _ in 0..<dropCount {
    var p = Point(
      generator.uniform(2...Double(land.width - 3)), generator.uniform(2...Double(land.height - 3)))
    var heading = Point(0, 0)
    var speed = 1.0
    var load = 0.0
    var water = 1.0
    for _ in 0..<64 {
      let x = Int(p.x)
      let y = Int(p.y)
      let u = p.x - Double(x)
      let v = p.y - Double(y)
      let (a, b) = (Double(land[x, y]), Double(land[x + 1, y]))
      let (c, d) = (Double(land[x, y + 1]), Double(land[x + 1, y + 1]))
      let slope = Point((b - a) * (1 - v) + (d - c) * v, (c - a) * (1 - u) + (d - b) * u)
      heading = heading * 0.1 - slope * 0.9
      let length = heading.length
      if length < 1e-6 { break }
      heading = heading * (1 / length)
      let next = p + heading
      guard next.x >= 2, next.y >= 2, next.x < Double(land.width - 3), next.y < Double(land.height - 3) else {
        break
      }
      let before = mix(mix(a, b, u), mix(c, d, u), v)
      let fall = land.interpolated(next.x, next.y) - before
      flow[x, y] += Float(water)
      let capacity = max(-fall, 0.01) * speed * water * 4
      var change: Double
      if fall > 0 {
        change = min(fall, load)
      } else if load > capacity {
        change = (load - capacity) * 0.3
      } else {
        change = -min((capacity - load) * 0.3, -fall)
      }
      load -= change
      // Cutting is spread wider than laying down, so that gullies keep banks.
      if change < 0 { change *= 0.5 }
      land.splat(p.x, p.y, change)
      if change < 0 {
        land.splat(p.x + heading.y, p.y - heading.x, change * 0.5)
        land.splat(p.x - heading.y, p.y + heading.x, change * 0.5)
      }
      speed = max(speed * speed - fall * 4, 0.01).squareRoot()
      water *= 0.985
      p = next
    }
  }
}
