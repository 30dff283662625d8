import CSDL2

/// Whether the window is dark or light.
package enum Theme: String, Sendable, CaseIterable {
  case dark, light

  var other: Theme { self == .dark ? .light : .dark }
}

/// How a person wants the window to look.
package struct Look: Sendable, Equatable {
  package var theme: Theme
  /// The size of texts beside the usual one, in percent, 50 ... 300.
  package private(set) var textPercent: Int

  package init(theme: Theme = .dark, textPercent: Int = 100) {
    self.theme = theme
    self.textPercent = min(max(textPercent, 50), 300)
  }

  /// Larger or smaller texts, by a quarter of the usual size.
  package mutating func changeText(by steps: Int) {
    self = Look(theme: theme, textPercent: textPercent + 25 * steps)
  }

  var palette: Palette { theme == .dark ? .dark : .light }
}

/// The viewer's few colours. Those with a meaning are of Okabe and Ito, "Color Universal Design", 2008, which
/// people of every colour vision can tell apart.
struct Palette {
  let background, strip, barTrack, bar, text, quietText, plate, plateEdge: SDL_Color
  let missing, asked, arrived, repaired, rebuilt, lost: SDL_Color

  static let dark = Palette(
    background: SDL_Color(0x101012), strip: SDL_Color(0x222328), barTrack: SDL_Color(0x3C3E46),
    bar: SDL_Color(0x56A6F0), text: SDL_Color(0xE8E8EC), quietText: SDL_Color(0xA5A7B0),
    plate: SDL_Color(0x342828), plateEdge: SDL_Color(0xE07A5F), missing: SDL_Color(0x666872),
    asked: SDL_Color(0xF0E442), arrived: SDL_Color(0x56B4E9), repaired: SDL_Color(0xE69F00),
    rebuilt: SDL_Color(0x009E73), lost: SDL_Color(0xD55E00))
  /// Yellow and sky blue are too pale on white: two others of the same set take their places.
  static let light = Palette(
    background: SDL_Color(0xF4F4F6), strip: SDL_Color(0xE2E3E8), barTrack: SDL_Color(0xC4C6CE),
    bar: SDL_Color(0x1767B2), text: SDL_Color(0x17181C), quietText: SDL_Color(0x4C4E57),
    plate: SDL_Color(0xF3DFDA), plateEdge: SDL_Color(0xA8341A), missing: SDL_Color(0x9698A2),
    asked: SDL_Color(0xB0307F), arrived: SDL_Color(0x0072B2), repaired: SDL_Color(0xC77F00),
    rebuilt: SDL_Color(0x007A58), lost: SDL_Color(0xC05000))

  func cell(_ state: CellState) -> SDL_Color {
    switch state {
    case .missing: missing
    case .asked: asked
    case .partial, .arrived: arrived
    case .repaired: repaired
    case .rebuilt: rebuilt
    }
  }
}

extension SDL_Color {
  /// Of a number 0xRRGGBB.
  init(_ rgb: UInt32) {
    self.init(r: UInt8(rgb >> 16 & 255), g: UInt8(rgb >> 8 & 255), b: UInt8(rgb & 255), a: 255)
  }

  /// SDL's ARGB8888.
  var pixel: UInt32 { UInt32(a) << 24 | UInt32(r) << 16 | UInt32(g) << 8 | UInt32(b) }
}
