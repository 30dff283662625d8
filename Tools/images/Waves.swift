/// Seven plane waves at even angles: interference with sevenfold symmetry and no period.
func renderQuasicrystal(_ size: Size) -> Raster {
  let gradient = Gradient([0x03071E, 0x14366B, 0x2A9D8F, 0xE9F5C9, 0xF4A261, 0x9B2226, 0x03071E])
  let waves = (0..<7).map { sineCosine(Double($0) * Double.pi / 7 + 0.1) }
  return Raster(size, samples: 9) { p in
    let z = (p + Point(0.45, 0.2)) * 34
    var sum = 0.0
    for wave in waves { sum += cosine(z.x * wave.cosine + z.y * wave.sine) }
    let level = (sum + 3.5) / 10.5
    return gradient(power(max(level, 0), 0.85)) * (1.05 - 0.25 * p.squaredLength)
  }
}

/// Marble: noise whose place is moved by noise whose place is moved by noise.
func renderMarble(_ size: Size) -> Raster {
  let gradient = Gradient([0x0A1128, 0x1C3F60, 0x3F7C85, 0xC9D6C3, 0xF6EBD4, 0xD8973C, 0x7D3C1E])
  return Raster(size, samples: 4) { p in
    let z = p * 1.25 + Point(3.1, 7.7)
    let q = Point(
      fractalNoise(z, octaves: 5, seed: 1), fractalNoise(z + Point(5.2, 1.3), octaves: 5, seed: 2))
    let r = Point(
      fractalNoise(z + q * 2.8 + Point(1.7, 9.2), octaves: 5, seed: 3),
      fractalNoise(z + q * 2.8 + Point(8.3, 2.8), octaves: 5, seed: 4))
    let value = fractalNoise(z + r * 2.6, octaves: 6, seed: 5)
    let vein = 1 - smoothStep(0, 0.05, abs(fraction(value * 3 + r.length * 2) - 0.5))
    let tone = gradient(0.5 + 0.75 * value + 0.35 * (r.y + q.x * 0.5))
    return blend(tone * (0.75 + 0.7 * q.length), hex(0xFFE9B8), vein * 0.45)
  }
}
