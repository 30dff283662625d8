/// Domain colouring: hue from the argument of f(z), light from its modulus.

/// Argument as a smooth colour wheel, contours at each doubling of the modulus and each twelfth of a turn.
private func domainColour(_ w: Point, wheel: Gradient) -> Colour {
  let argument = angle(w.y, w.x) / turn + 0.5
  let modulus = logarithm(max(w.length, 1e-200)) * 1.4426950408889634
  let ring = fraction(modulus)
  let ray = fraction(argument * 12)
  let base = wheel.cyclic(argument)
  let shade = (0.62 + 0.38 * power(ring, 0.6)) * (0.8 + 0.2 * power(ray, 0.5))
  // Zeros sink into the dark, poles into the light.
  let glow = smoothStep(3, 9, modulus) * 0.75
  let depth = smoothStep(-9, -3, modulus)
  return blend(base * shade * (0.25 + 0.75 * depth), hex(0xFFFFFF), glow)
}

/// (z² − 1)(z − 2 − i)² / (z² + 2 + 2i): three zeros, one of them double, and two poles.
func renderRational(_ size: Size) -> Raster {
  let wheel = Gradient([0xD1495B, 0xEDAE49, 0x8CC084, 0x00798C, 0x30638E, 0x5F3A7D, 0xD1495B])
  return Raster(size, samples: 9) { p in
    let z = p * 2.35 + Point(0.25, 0.1)
    let z2 = z * z
    let double = z - Point(2, 1)
    return domainColour((z2 - Point(1, 0)) * double * double / (z2 + Point(2, 2)), wheel: wheel)
  }
}

/// Klein's j-invariant on the upper half plane: one tile, repeated by the modular group without end towards
/// the real axis.
func renderKlein(_ size: Size, samples: Int) -> Raster {
  let wheel = Gradient([0x0D1B4C, 0x1F6FB2, 0x6FD3D0, 0xFFF3C4, 0xF79A3E, 0xC2263A, 0x551A5B, 0x0D1B4C])
  return Raster(size, samples: samples) { p in
    var tau = Point(p.x * 0.78 + 0.13, (p.y + 1.035) * 0.56)
    if tau.y <= 0 { return .zero }
    let height = tau.y
    // Into the fundamental domain: |Re τ| ≤ 1/2, |τ| ≥ 1.
    for _ in 0..<200 {
      tau.x -= nearest(tau.x)
      if tau.squaredLength >= 1 { break }
      tau = Point(-1, 0) / tau
    }
    let j = kleinInvariant(tau)
    let argument = angle(j.y, j.x) / turn + 0.5
    let modulus = logarithm(max(j.length, 1e-12))
    let base = wheel.cyclic(argument)
    let ring = fraction(modulus * 0.7)
    let veil = 1 - smoothStep(0.0, 0.012, height)  // fades before tiles are smaller than a pixel
    let shade = (0.55 + 0.45 * power(ring, 0.5)) * (0.4 + 0.6 * smoothStep(-3, 5, modulus))
    // The tiles' edges are where j is real: a fine dark line.
    let edge = smoothStep(0, 0.012, min(min(argument, 1 - argument), abs(argument - 0.5)))
    return blend(base * shade * (0.35 + 0.65 * edge), hex(0x1B1730), veil)
  }
}

/// j(τ)/1728 for τ in the fundamental domain, where |q| ≤ e^(−π√3) makes four terms plenty.
private func kleinInvariant(_ tau: Point) -> Point {
  let (s, c) = sineCosine(turn * tau.x)
  let q = Point(c, s) * exponential(-turn * tau.y)
  var qn = q
  var e4 = Point(1, 0)
  var e6 = Point(1, 0)
  let cubes: [Double] = [1, 9, 28, 73]
  let fifths: [Double] = [1, 33, 244, 1057]
  for n in 0..<4 {
    e4 = e4 + qn * (240 * cubes[n])
    e6 = e6 - qn * (504 * fifths[n])
    qn = qn * q
  }
  let e4Cubed = e4 * e4 * e4
  return e4Cubed / (e4Cubed - e6 * e6)
}
