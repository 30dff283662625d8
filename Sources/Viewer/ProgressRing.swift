import Glibc

/// The pixels of a ring that fills clockwise from the top: how much of an image has arrived. Arrived is a
/// wide, bright arc, and missing a thin, dim one, so that the ring can be read without its colours.
package struct ProgressRing {
  /// Steps of a whole ring.
  package static let stepCount = 48

  /// The ring's pixels as SDL's ARGB8888, `side` by `side` (8 ... 512), transparent outside. `fraction` is in
  /// [0, 1]. The disc under the ring is dark, so that a text can stand in it on every picture.
  package static func pixels(side: Int, fraction: Double) -> [UInt32] {
    let side = Self.side(side)
    let steps = step(of: fraction)
    let middle = Double(side) / 2
    let (wide, thin) = (middle * 0.24, middle * 0.09)
    let outer = middle - 1
    return (0..<(side * side)).map { position in
      let x = Double(position % side) + 0.5 - middle
      let y = Double(position / side) + 0.5 - middle
      let distance = (x * x + y * y).squareRoot()
      guard distance <= middle else { return 0 }
      let turn = (atan2(x, -y) / (2 * .pi) + 1).truncatingRemainder(dividingBy: 1)
      let isArrived = turn * Double(stepCount) < Double(steps)
      let width = isArrived ? wide : thin
      let inset = outer - (wide - width) / 2 - distance
      let coverage = min(max(0, min(inset, width - inset) + 0.5), 1)
      return blend(isArrived ? 0x0056_A6F0 : 0x00B8_BAC4, coverage)
    }
  }

  /// `side` within its limits.
  static func side(_ side: Int) -> Int { min(max(side, 8), 512) }

  /// In 0 ... `stepCount`. The last step is left to what is whole.
  package static func step(of fraction: Double) -> Int {
    guard fraction > 0 else { return 0 }
    return min(
      Int((min(fraction, 1) * Double(stepCount)).rounded(.up)), fraction < 1 ? stepCount - 1 : stepCount)
  }

  /// `color` with this part of coverage over the dark disc.
  private static func blend(_ color: UInt32, _ coverage: Double) -> UInt32 {
    let disc = (color: 0x0010_1012 as UInt32, alpha: 190.0)
    let alpha = UInt32(disc.alpha + (255 - disc.alpha) * coverage)
    func channel(_ shift: UInt32) -> UInt32 {
      let (over, under) = (Double(color >> shift & 255), Double(disc.color >> shift & 255))
      return UInt32(under + (over - under) * coverage) << shift
    }
    return alpha << 24 | channel(16) | channel(8) | channel(0)
  }
}
