/// Gradient noise (Perlin 2002's quintic fade, hashed gradients) and sums of it.

/// About [-1, 1]; one feature per unit of length.
func gradientNoise(_ x: Double, _ y: Double, seed: UInt64) -> Double {
  let fx = floorOf(x)
  let fy = floorOf(y)
  let ix = Int(fx)
  let iy = Int(fy)
  let u = x - fx
  let v = y - fy
  @inline(__always) func corner(_ dx: Int, _ dy: Int) -> Double {
    let h = hashCell(ix + dx, iy + dy, seed)
    // Two 16-bit lanes as a gradient; its length varies, which only loosens the grid.
    let gx = Double(Int(h & 0xFFFF) - 32768) / 32768
    let gy = Double(Int((h >> 16) & 0xFFFF) - 32768) / 32768
    return gx * (u - Double(dx)) + gy * (v - Double(dy))
  }
  let su = u * u * u * (u * (u * 6 - 15) + 10)
  let sv = v * v * v * (v * (v * 6 - 15) + 10)
  return 1.6 * mix(mix(corner(0, 0), corner(1, 0), su), mix(corner(0, 1), corner(1, 1), su), sv)
}

/// Fractal sum of `octaves` noises, each half as tall and twice as fine. About [-1, 1].
func fractalNoise(_ p: Point, octaves: Int, seed: UInt64) -> Double {
  var sum = 0.0
  var amplitude = 0.5
  var q = p
  for octave in 0..<octaves {
    sum += amplitude * gradientNoise(q.x, q.y, seed: seed &+ UInt64(octave) &* 7919)
    amplitude *= 0.5
    // Turned by an irrational-looking angle so that octaves do not share grid lines.
    q = Point(1.6 * q.x - 1.2 * q.y, 1.2 * q.x + 1.6 * q.y)
  }
  return sum
}

/// Ridged sum: sharp crests where the noise changes sign. About [0, 1].
func ridgedNoise(_ p: Point, octaves: Int, seed: UInt64) -> Double {
  var sum = 0.0
  var amplitude = 0.5
  var weight = 1.0
  var q = p
  for octave in 0..<octaves {
    var ridge = 1 - abs(gradientNoise(q.x, q.y, seed: seed &+ UInt64(octave) &* 7919))
    ridge = max(ridge, 0)
    ridge *= ridge
    sum += amplitude * ridge * weight
    // Detail follows height: valleys stay smooth.
    weight = min(max(ridge * 1.6, 0), 1)
    amplitude *= 0.5
    q = Point(1.6 * q.x - 1.2 * q.y, 1.2 * q.x + 1.6 * q.y)
  }
  return sum
}
