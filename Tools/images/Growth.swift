/// Gray and Scott's reaction–diffusion: two substances, coral from a few drops; the feed rate changes across
/// the picture.
func renderCoral(_ size: Size) -> Raster {
  let width = size.width / 2
  let height = size.height / 2
  var u = Plane<Float>(width: width, height: height, filledWith: 1)
  var v = Plane<Float>(width: width, height: height, filledWith: 0)
  var nextU = Plane<Float>(width: width, height: height, filledWith: 1)
  var nextV = Plane<Float>(width: width, height: height, filledWith: 0)
  var generator = Generator(seed: 99)
  for _ in 0..<36 {
    let cx = 8 + generator.index(width - 16)
    let cy = 8 + generator.index(height - 16)
    for y in (cy - 4)...(cy + 4) {
      for x in (cx - 4)...(cx + 4) {
        u[x, y] = 0.5
        v[x, y] = 0.3
      }
    }
  }
  for _ in 0..<6000 {
    let (fromU, fromV, toU, toV) = (u, v, nextU, nextV)
    forEachRow(height) { y in
      // Mirrored at the edges: nothing flows out.
      let up = abs(y - 1)
      let down = y == height - 1 ? y - 1 : y + 1
      for x in 0..<width {
        let left = abs(x - 1)
        let right = x == width - 1 ? x - 1 : x + 1
        let a = fromU[x, y]
        let b = fromV[x, y]
        let spreadU = fromU[left, y] + fromU[right, y] + fromU[x, up] + fromU[x, down] - 4 * a
        let spreadV = fromV[left, y] + fromV[right, y] + fromV[x, up] + fromV[x, down] - 4 * b
        let place = Float(x) / Float(width)
        let feed: Float = 0.030 + 0.026 * place
        let kill: Float = 0.0565 + 0.0065 * place
        let reaction = a * b * b
        toU[x, y] = a + 0.2097 * spreadU - reaction + feed * (1 - a)
        toV[x, y] = b + 0.105 * spreadV + reaction - (feed + kill) * b
      }
    }
    swap(&u, &nextU)
    swap(&v, &nextV)
  }
  let field = v
  let gradient = Gradient([0x0B1D3A, 0x12426B, 0x1E8A8A, 0xF2C78F, 0xF26B5E, 0x9E2A4F])
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let x = px * 0.5 - 0.5
      let y = py * 0.5 - 0.5
      let level = field.interpolated(x, y)
      let gx = field.interpolated(x + 0.7, y) - field.interpolated(x - 0.7, y)
      let gy = field.interpolated(x, y + 0.7) - field.interpolated(x, y - 0.7)
      let light = 0.86 + 2.3 * (gx + gy)
      let shine = power(max(light - 0.95, 0), 2) * 2.2
      return gradient(level * 2.55) * min(max(light, 0.3), 1.3) + grey(min(shine, 0.5))
    })
}

/// Bak, Tang and Wiesenfeld's sandpile: grains dropped on one place, each heap of four falls to its
/// neighbours.
func renderSandpile(_ size: Size) -> Raster {
  let side = 170
  let grains = Plane<Int32>(width: side, height: side, filledWith: 0)
  grains[side / 2, side / 2] = 32_768
  var isSettled = false
  while !isSettled {
    isSettled = true
    for y in 1..<(side - 1) {
      for x in 1..<(side - 1) where grains[x, y] >= 4 {
        let falling = grains[x, y] >> 2
        grains[x, y] &= 3
        grains[x - 1, y] += falling
        grains[x + 1, y] += falling
        grains[x, y - 1] += falling
        grains[x, y + 1] += falling
        isSettled = false
      }
    }
  }
  let colours = [hex(0x10243E), hex(0x2B7A78), hex(0xF2B134), hex(0xF7F0D8)]
  let ground = colours[0]
  return Raster(size, samples: 9) { p in
    let place = p * 75
    let x = Int(place.x + Double(side) / 2 + 0.5)
    let y = Int(Double(side) / 2 - place.y + 0.5)
    guard x >= 0, y >= 0, x < side, y < side else { return ground }
    return colours[Int(grains[x, y])]
  }
}

/// A sunflower's head by Vogel's rule: seed n at the golden angle times n, at a distance of √n.
func renderSunflower(_ size: Size) -> Raster {
  struct Seed {
    var place: Point
    var radius: Double
    var colour: Colour
  }
  let disc = Gradient([0x6B8F3A, 0x9C9A2D, 0x6B3F17, 0x2B1608, 0x4A2A10, 0xB5651D, 0xF2A900])
  let petal = Gradient([0xD97706, 0xF59E0B, 0xFCD34D, 0xFFE98A])
  let golden = 2.399963229728653
  let seeds: [Seed] = (1...1500).map { n in
    let t = Double(n) / 1500
    let (s, c) = sineCosine(Double(n) * golden)
    let distance = t.squareRoot() * 1.28
    let isPetal = t > 0.36
    let radius = 0.0335 * (isPetal ? 1 + (t - 0.36) * 0.8 : 0.85)
    let tone = isPetal ? petal((t - 0.36) / 0.6) : disc(t / 0.36)
    return Seed(place: Point(c, s) * distance, radius: radius, colour: tone)
  }
  // A grid of seeds, so that a point asks only those near it.
  let cells = 64
  var grid = [[Int]](repeating: [], count: cells * cells)
  @Sendable func cell(_ value: Double) -> Int {
    min(max(Int((value + 1.6) / 3.2 * Double(cells)), 0), cells - 1)
  }
  for (index, seed) in seeds.enumerated() {
    for y in cell(seed.place.y - 0.08)...cell(seed.place.y + 0.08) {
      for x in cell(seed.place.x - 0.08)...cell(seed.place.x + 0.08) { grid[y * cells + x].append(index) }
    }
  }
  let near = grid
  return Raster(size, samples: 9) { p in
    var colour = blend(hex(0x1E3A5F), hex(0x0B1626), p.length * 0.6)
    for index in near[cell(p.y) * cells + cell(p.x)] {
      let seed = seeds[index]
      let d = p - seed.place
      // Seeds are longer outwards than across.
      let outward = seed.place * (1 / max(seed.place.length, 1e-9))
      let along = (d.x * outward.x + d.y * outward.y) / (seed.radius * 1.55)
      let across = (d.x * outward.y - d.y * outward.x) / (seed.radius * (0.95 - 0.25 * along))
      let r2 = along * along + across * across
      if r2 < 1 {
        let dome = (1 - r2).squareRoot()
        let lit = 0.35 + 0.55 * dome + 0.3 * (d.y - d.x) / seed.radius * 0.5
        colour = seed.colour * max(lit, 0.15) + grey(0.18 * power(max(dome, 0), 12))
      }
    }
    return colour
  }
}
