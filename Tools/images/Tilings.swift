/// The {7,3} tiling of the Poincaré disc, by folding each point into one triangle of the mirror group.
func renderPoincare(_ size: Size) -> Raster {
  let p = Double.pi / 7
  let q = Double.pi / 3
  let norm = (cosine(q) * cosine(q) - sine(p) * sine(p)).squareRoot()
  let mirrorX = cosine(q) / norm
  let mirrorRadius = sine(p) / norm
  let warm = Gradient([0xFFF4DC, 0xF4A259, 0xBC4B51, 0x5B1A3A])
  let cool = Gradient([0xE6F4EF, 0x8CB9BD, 0x3D6F8A, 0x1B2A49])
  return Raster(size, samples: 9) { point in
    // Moved by a hyperbolic translation, so that no tile sits dully in the middle.
    var z = point * (1 / 0.97)
    let rim = z.length
    if rim >= 1 { return blend(hex(0x14121F), hex(0x322B4A), exponential(-(rim - 1) * 9)) }
    let shift = Point(0.3, 0.18)
    z = (z + shift) / (Point(1, 0) + Point(shift.x, -shift.y) * z)
    var flips = 0
    for _ in 0..<60 {
      let before = flips
      // Into the wedge |angle| ≤ π/7 … 0, then out of the mirror circle.
      let sector = nearest(angle(z.y, z.x) / (2 * p))
      z = z.rotated(by: -sector * 2 * p)
      if z.y < 0 {
        z.y = -z.y
        flips += 1
      }
      let d = z - Point(mirrorX, 0)
      if d.squaredLength < mirrorRadius * mirrorRadius {
        z = d * (mirrorRadius * mirrorRadius / d.squaredLength) + Point(mirrorX, 0)
        flips += 1
      }
      if flips == before { break }
    }
    let place = z.length / 0.5
    let edge = (z - Point(mirrorX, 0)).length - mirrorRadius
    let petal = 0.5 + 0.5 * cosine(7 * angle(z.y, z.x) + 9 * z.length)
    let colour = (flips % 2 == 0 ? warm : cool)(0.75 * place + 0.25 * petal)
    let line = smoothStep(0.004, 0.014, min(edge, 0.05))
    return colour * (0.25 + 0.75 * line) * (0.55 + 0.45 * smoothStep(0, 0.12, 1 - rim))
  }
}

/// Truchet's quarter circles as woven ribbons; each closed or open ribbon keeps one colour.
func renderTruchet(_ size: Size) -> Raster {
  let columns = 9
  let cell = Double(size.width) / Double(columns)
  let rows = Int(Double(size.height) / cell) + 2
  let seed: UInt64 = 77
  // Strand ends: the midpoints of cell edges, joined in pairs by the arcs of each cell.
  func horizontal(_ x: Int, _ y: Int) -> Int { y * (columns + 1) + x }
  let verticalStart = (rows + 1) * (columns + 1)
  func vertical(_ x: Int, _ y: Int) -> Int { verticalStart + y * (columns + 2) + x }
  var parent = Array(0..<(verticalStart + (rows + 1) * (columns + 2)))
  func find(_ node: Int) -> Int {
    var node = node
    while parent[node] != node { node = parent[node] }
    return node
  }
  for y in 0..<rows {
    for x in 0..<columns {
      let (top, bottom) = (horizontal(x, y), horizontal(x, y + 1))
      let (left, right) = (vertical(x, y), vertical(x + 1, y))
      let leans = hashCell(x, y, seed) & 1 == 0
      parent[find(top)] = find(leans ? left : right)
      parent[find(bottom)] = find(leans ? right : left)
    }
  }
  let roots = parent.indices.map { find($0) }
  let gradient = Gradient([0xFFD166, 0xEF476F, 0x7B2D8B, 0x1B6CA8, 0x06D6A0, 0xFFD166])
  return Raster(
    size, samples: 9,
    pixelShader: { px, py in
      let x = min(Int(px / cell), columns - 1)
      let y = Int(py / cell)
      let u = px / cell - Double(x)
      let v = py / cell - Double(y)
      let leans = hashCell(x, y, seed) & 1 == 0
      // The two arcs of this cell: centre, and the edge each starts from.
      let first = (centre: leans ? Point(0, 0) : Point(1, 0), node: y * (columns + 1) + x)
      let second = (centre: leans ? Point(1, 1) : Point(0, 1), node: (y + 1) * (columns + 1) + x)
      var colour = hex(0x12141F) * (0.9 + 0.25 * fractalNoise(Point(px, py) * 0.02, octaves: 3, seed: 5))
      for arc in [first, second] {
        let distance = abs((Point(u, v) - arc.centre).length - 0.5)
        let shadow = smoothStep(0.36, 0.2, distance)
        colour *= 1 - 0.55 * shadow
        if distance < 0.27 {
          let across = distance / 0.27
          let tone = gradient.cyclic(hashUnit(roots[arc.node], 3, seed))
          let rounded = (1 - across * across).squareRoot()
          let stripe = 1 - 0.35 * smoothStep(0.08, 0.02, abs(across - 0.62))
          colour = tone * (0.3 + 0.75 * rounded) * stripe + grey(0.28 * power(rounded, 24))
        }
      }
      return colour
    })
}

/// Voronoi cells of settled sites as leaded glass, lit from behind.
func renderStainedGlass(_ size: Size) -> Raster {
  var generator = Generator(seed: 2024)
  var sites: [Point] = (0..<150).map { _ in
    Point(generator.uniform(-1.1...1.1), generator.uniform(-1.45...1.45))
  }
  // Lloyd's relaxation by sampling: even cells, still irregular.
  for _ in 0..<3 {
    var sums = [Point](repeating: Point(0, 0), count: sites.count)
    var counts = [Double](repeating: 0, count: sites.count)
    for _ in 0..<20000 {
      let p = Point(generator.uniform(-1.1...1.1), generator.uniform(-1.45...1.45))
      var best = 0
      for index in sites.indices where (sites[index] - p).squaredLength < (sites[best] - p).squaredLength {
        best = index
      }
      sums[best] = sums[best] + p
      counts[best] += 1
    }
    for index in sites.indices where counts[index] > 0 { sites[index] = sums[index] * (1 / counts[index]) }
  }
  let sky = Gradient([0x0B2A5B, 0x1F5FA8, 0x4FA3D1, 0xA7DCE8])
  let sun = Gradient([0xFFF3B0, 0xFFC145, 0xF26419, 0xB3202A, 0x6A1B4D])
  let fixed = sites
  return Raster(size, samples: 9) { p in
    var best = (distance: 1e9, index: 0)
    var second = (distance: 1e9, index: 0)
    for index in fixed.indices {
      let distance = (fixed[index] - p).squaredLength
      if distance < best.distance {
        second = best
        best = (distance, index)
      } else if distance < second.distance {
        second = (distance, index)
      }
    }
    let a = fixed[best.index]
    let b = fixed[second.index]
    let edge = (second.distance - best.distance) / (2 * (a - b).length)
    let fromSun = (a - Point(0.25, 0.45)).length
    let tint = hashUnit(best.index, 1, 9) * 0.28
    let glass =
      fromSun < 0.62
      ? sun(fromSun / 0.62 * 0.9 + tint - 0.14) : sky(0.95 - (fromSun - 0.62) * 0.7 + tint - 0.2)
    let ripple = 1 + 0.13 * fractalNoise(p * 7 + a * 13, octaves: 3, seed: 4)
    let glow = 0.68 + 0.42 * exponential(-(p - Point(0.25, 0.45)).squaredLength * 1.1)
    let lead = smoothStep(0.010, 0.016, edge)
    let rounded = 0.12 + 0.1 * smoothStep(0.016, 0, edge)
    return blend(
      hex(0x3A3A42) * rounded * 3, glass * ripple * glow * (0.8 + 0.2 * smoothStep(0.01, 0.06, edge)), lead)
  }
}
