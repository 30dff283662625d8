/// The direction of a smooth field at `p`.
private func heading(_ p: Point, swirl: Double, seed: UInt64) -> Point {
  let bend = Point(
    fractalNoise(p * 0.8, octaves: 2, seed: seed + 50), fractalNoise(p * 0.8, octaves: 2, seed: seed + 60))
  let (s, c) = sineCosine(fractalNoise(p * 0.62 + bend * 0.5, octaves: 2, seed: seed) * swirl + 0.6)
  return Point(c, s)
}

/// Ink lines that follow a field on warm paper, dark where many meet.
func renderInk(_ size: Size) -> Raster {
  let factor = 2
  let field = Size(width: size.width * factor, height: size.height * factor)
  let ink = Plane<Float>(width: field.width, height: field.height, filledWith: 0)
  let red = Plane<Float>(width: field.width, height: field.height, filledWith: 0)
  var generator = Generator(seed: 31)
  let step = 0.7 / field.unit
  for line in 0..<3600 {
    var p = Point(generator.uniform(-1.1...1.1), generator.uniform(-1.5...1.5))
    let weight = generator.uniform(0.12...0.7)
    let sheet = line % 9 == 0 ? red : ink
    let length = Int(generator.uniform(150...900))
    for index in 0..<length {
      let along = Double(index) / Double(length)
      let pressure = 4 * along * (1 - along)
      let pixel = field.pixel(p)
      sheet.splat(pixel.x, pixel.y, weight * pressure)
      sheet.splat(pixel.x + 0.7, pixel.y + 0.7, weight * pressure * 0.5)
      p = p + heading(p, swirl: 8, seed: 11) * step
    }
  }
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let x = min(Int(px * Double(factor)), field.width - 1)
      let y = min(Int(py * Double(factor)), field.height - 1)
      let paper = hex(0xF4ECDD) * (1 + 0.02 * fractalNoise(Point(px, py) * 0.03, octaves: 3, seed: 6))
      let black = exponential(-Double(ink[x, y]) * 1.1)
      let rust = exponential(-Double(red[x, y]) * 1.6)
      let tinted = paper * (hex(0xC8401F) + (Colour.one - hex(0xC8401F)) * rust)
      return tinted * (hex(0x16213A) + (Colour.one - hex(0x16213A)) * black)
    })
}

/// Broad ribbons that follow a field and never cross, laid widest first.
func renderRibbons(_ size: Size) -> Raster {
  let factor = 2
  let field = Size(width: size.width * factor, height: size.height * factor)
  // One byte a sub-pixel: 0 is ground, else a palette index; ribbons lie on a coarse map that keeps them
  // apart.
  let ink = Plane<UInt8>(width: field.width, height: field.height, filledWith: 0)
  let coarseness = max(field.width / 1536, 1)
  let taken = Plane<Int32>(
    width: field.width / coarseness + 2, height: field.height / coarseness + 2, filledWith: 0)
  let colours = [
    0xF2E9DC, 0x1D3557, 0x457B9D, 0xA8DADC, 0xE63946, 0xF4A261, 0xE9C46A, 0x2A9D8F, 0x264653, 0xF1FAEE,
    0xBC4749,
    0x6A994E,
  ].map { hex(UInt32($0)) }
  var generator = Generator(seed: 404)
  let aspect = Double(size.width) / Double(size.height)
  let widths: [(radius: Double, attempts: Int)] = [
    (0.045, 260), (0.026, 900), (0.013, 3500), (0.006, 14000), (0.003, 22000),
  ]
  var name: Int32 = 0
  for width in widths {
    for _ in 0..<width.attempts {
      name += 1
      let start = Point(generator.uniform(-aspect...aspect) * 1.02, generator.uniform(-1.02...1.02))
      // Colour drifts over the picture, with a surprise now and then.
      let drift = fractalNoise(start * 0.9, octaves: 2, seed: 7) * 9 + 6
      let pick =
        generator.unit() < 0.25
        ? generator.index(colours.count - 1) : Int(max(drift, 0)) % (colours.count - 1)
      let limit = Int(generator.uniform(0.35...1.9) / (width.radius * 0.4))
      let path = ribbon(
        from: start, radius: width.radius, limit: limit, name: name, taken: taken, field: field,
        coarseness: coarseness)
      guard Double(path.count) * 0.4 > 5 else { continue }
      // Five discs a step, or the edge shows their arcs.
      for index in 0..<(5 * path.count - 4) {
        let p = path[index / 5]
        let next = path[min(index / 5 + 1, path.count - 1)]
        let place = p + (next - p) * (Double(index % 5) / 5)
        let fromEnd = Double(min(index, 5 * path.count - 5 - index)) * 0.08
        let taper = fromEnd < 1 ? max(1 - (1 - fromEnd) * (1 - fromEnd), 0).squareRoot() : 1
        let radius = width.radius * 0.86 * field.unit * taper
        disc(ink, at: field.pixel(place), radius: radius, value: UInt8(pick + 1))
      }
    }
  }
  return Raster(
    size, samples: 4,
    pixelShader: { px, py in
      let value = ink[min(Int(px * 2), field.width - 1), min(Int(py * 2), field.height - 1)]
      let fibre = 1 + 0.05 * fractalNoise(Point(px, py) * 0.11, octaves: 2, seed: 8)
      return (value == 0 ? hex(0xF7F1E5) * 0.98 : colours[Int(value)]) * fibre
    })
}

/// Walks along the field while no other ribbon is near, and claims what it walked.
private func ribbon(
  from start: Point, radius: Double, limit: Int, name: Int32, taken: Plane<Int32>, field: Size,
  coarseness: Int
) -> [Point] {
  var path: [Point] = []
  var p = start
  let reach = radius * field.unit / Double(coarseness)
  let cells = Int(reach + 1)
  func around(_ p: Point, _ visit: (Int, Int) -> Bool) -> Bool {
    let pixel = field.pixel(p)
    let cx = Int(pixel.x / Double(coarseness))
    let cy = Int(pixel.y / Double(coarseness))
    for y in max(cy - cells, 0)...max(min(cy + cells, taken.height - 1), max(cy - cells, 0))
    where y < taken.height {
      for x in max(cx - cells, 0)...max(min(cx + cells, taken.width - 1), max(cx - cells, 0))
      where x < taken.width {
        let dx = Double(x) - pixel.x / Double(coarseness)
        let dy = Double(y) - pixel.y / Double(coarseness)
        if dx * dx + dy * dy <= reach * reach, !visit(x, y) { return false }
      }
    }
    return true
  }
  for _ in 0..<limit {
    guard around(p, { x, y in taken[x, y] == 0 }) else { break }
    path.append(p)
    p = p + heading(p, swirl: 5.5, seed: 3) * (radius * 0.4)
  }
  guard Double(path.count) * 0.4 > 5 else { return path }
  for p in path {
    _ = around(p) { x, y in
      taken[x, y] = name
      return true
    }
  }
  return path
}

/// Fills a disc, cut off at the edges.
private func disc(_ plane: Plane<UInt8>, at centre: Point, radius: Double, value: UInt8) {
  let top = max(Int(centre.y - radius), 0)
  let bottom = min(Int(centre.y + radius), plane.height - 1)
  guard top <= bottom else { return }
  for y in top...bottom {
    let dy = Double(y) - centre.y
    let half = max(radius * radius - dy * dy, 0).squareRoot()
    let left = max(Int(centre.x - half), 0)
    let right = min(Int(centre.x + half), plane.width - 1)
    guard left <= right else { continue }
    for x in left...right { plane[x, y] = value }
  }
}
