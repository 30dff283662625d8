/// A colour, sRGB, each part in [0, 1].
typealias Colour = SIMD3<Double>

func grey(_ level: Double) -> Colour { Colour(repeating: level) }

func blend(_ a: Colour, _ b: Colour, _ t: Double) -> Colour { a + (b - a) * min(max(t, 0), 1) }

/// 0xRRGGBB.
func hex(_ value: UInt32) -> Colour {
  Colour(Double(value >> 16 & 255), Double(value >> 8 & 255), Double(value & 255)) / 255
}

/// Cosine palette (Íñigo Quílez): a + b·cos(2π(c·t + d)), one period per unit of `t` where c is whole.
struct CosinePalette: Sendable {
  var a = Colour(repeating: 0.5)
  var b = Colour(repeating: 0.5)
  var c = Colour(repeating: 1)
  var d: Colour
  func callAsFunction(_ t: Double) -> Colour {
    let angle = turn * (c * t + d)
    return a + b * Colour(cosine(angle.x), cosine(angle.y), cosine(angle.z))
  }
}

/// A gradient through colours at equal distances, blended in OKLab (Ottosson 2020) so that lightness runs
/// evenly.
struct Gradient: Sendable {
  private static let resolution = 1024
  private let table: [Colour]

  /// - Parameter stops: 0xRRGGBB, at least two.
  init(_ stops: [UInt32]) {
    precondition(stops.count >= 2, "a gradient needs two colours")
    let lab = stops.map { labFromColour(hex($0)) }
    table = (0...Self.resolution).map { step in
      let place = Double(step) / Double(Self.resolution) * Double(stops.count - 1)
      let index = min(Int(place), stops.count - 2)
      return colourFromLab(lab[index] + (lab[index + 1] - lab[index]) * (place - Double(index)))
    }
  }

  /// The colour at `t`, clamped to [0, 1].
  func callAsFunction(_ t: Double) -> Colour {
    let place = min(max(t, 0), 1) * Double(Self.resolution)
    let index = min(Int(place), Self.resolution - 1)
    return blend(table[index], table[index + 1], place - Double(index))
  }

  /// The colour at the fraction of `t`: for a gradient whose ends are alike.
  func cyclic(_ t: Double) -> Colour { self(fraction(t)) }
}

private func linear(_ c: Double) -> Double { c <= 0.04045 ? c / 12.92 : power((c + 0.055) / 1.055, 2.4) }

private func companded(_ c: Double) -> Double {
  c <= 0.0031308 ? max(c, 0) * 12.92 : min(1.055 * power(c, 1 / 2.4) - 0.055, 1)
}

private func labFromColour(_ colour: Colour) -> Colour {
  let c = Colour(linear(colour.x), linear(colour.y), linear(colour.z))
  let l = power(0.4122214708 * c.x + 0.5363325363 * c.y + 0.0514459929 * c.z, 1 / 3.0)
  let m = power(0.2119034982 * c.x + 0.6806995451 * c.y + 0.1073969566 * c.z, 1 / 3.0)
  let s = power(0.0883024619 * c.x + 0.2817188376 * c.y + 0.6299787005 * c.z, 1 / 3.0)
  return Colour(
    0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
}

private func colourFromLab(_ lab: Colour) -> Colour {
  let l = lab.x + 0.3963377774 * lab.y + 0.2158037573 * lab.z
  let m = lab.x - 0.1055613458 * lab.y - 0.0638541728 * lab.z
  let s = lab.x - 0.0894841775 * lab.y - 1.2914855480 * lab.z
  let l3 = l * l * l
  let m3 = m * m * m
  let s3 = s * s * s
  return Colour(
    companded(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
    companded(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
    companded(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.7076147010 * s3))
}
