/// The viewer's few colours. Those with a meaning are of Okabe and Ito, "Color Universal Design", 2008, which
/// people of every colour vision can tell apart.
struct Palette {
  let background, strip, barTrack, bar, text, quietText, plate, plateEdge: Color
  let missing, asked, arrived, repaired, rebuilt, lost: Color

  static let dark = Palette(
    background: Color(0x101012), strip: Color(0x222328), barTrack: Color(0x3C3E46),
    bar: Color(0x56A6F0), text: Color(0xE8E8EC), quietText: Color(0xA5A7B0),
    plate: Color(0x342828), plateEdge: Color(0xE07A5F), missing: Color(0x666872),
    asked: Color(0xF0E442), arrived: Color(0x56B4E9), repaired: Color(0xE69F00),
    rebuilt: Color(0x009E73), lost: Color(0xD55E00))
  /// Yellow and sky blue are too pale on white: two others of the same set take their places.
  static let light = Palette(
    background: Color(0xF4F4F6), strip: Color(0xE2E3E8), barTrack: Color(0xC4C6CE),
    bar: Color(0x1767B2), text: Color(0x17181C), quietText: Color(0x4C4E57),
    plate: Color(0xF3DFDA), plateEdge: Color(0xA8341A), missing: Color(0x9698A2),
    asked: Color(0xB0307F), arrived: Color(0x0072B2), repaired: Color(0xC77F00),
    rebuilt: Color(0x007A58), lost: Color(0xC05000))

  func cell(_ state: CellState) -> Color {
    switch state {
    case .missing: missing
    case .asked: asked
    case .partial, .arrived: arrived
    case .repaired: repaired
    case .rebuilt: rebuilt
    }
  }
}

/// 0xRRGGBB.
struct Color: Equatable {
  let rgb: UInt32

  init(_ rgb: UInt32) { self.rgb = rgb }

  /// SDL's ARGB8888, opaque.
  var pixel: UInt32 { 0xFF00_0000 | rgb }
}
