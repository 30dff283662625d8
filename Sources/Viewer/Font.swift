#if Viewer
import CSDL2
import Glibc

/// DejaVu Sans at the sizes a window needs, through SDL2_ttf. Belongs to the thread that draws.
final class Font {
  /// The paths of the font in distributions: Debian and Ubuntu, Arch, Fedora, openSUSE, Alpine.
  static let searchPaths = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/DejaVuSans.ttf",
  ]

  private let path: String
  private var fontsBySize: [Int: OpaquePointer] = [:]

  /// Opens the first font that exists. Nil when there is none; then everything is drawn without text.
  init?(searchPaths: [String] = Font.searchPaths) {
    guard let path = searchPaths.first(where: { access($0, R_OK) == 0 }), TTF_Init() == 0 else { return nil }
    self.path = path
    guard font(height: 16) != nil else {
      TTF_Quit()
      return nil
    }
  }

  deinit {
    for font in fontsBySize.values { TTF_CloseFont(font) }
    TTF_Quit()  // counted: ends the library with the last font
  }

  /// `text` drawn in white with an alpha channel, at most `width` pixels wide (its middle is shortened).
  /// `height` is the font's size in pixels. The caller frees the surface. Nil for empty text.
  func surface(_ text: String, height: Int, width: Int, color: Color) -> UnsafeMutablePointer<
    SDL_Surface
  >? {
    guard !text.isEmpty, let font = font(height: height) else { return nil }
    let line = fitted(DisplayText.oneLine(text), font: font, width: width)
    return TTF_RenderUTF8_Blended(font, line, SDL_Color(color))
  }

  /// The width in pixels of `text` on one line of its own.
  func width(_ text: String, height: Int) -> Int {
    guard !text.isEmpty, let font = font(height: height) else { return 0 }
    return pixelWidth(DisplayText.oneLine(text), font)
  }

  /// `text` in lines of at most `width` pixels, broken between words. A word that is wider than a line is
  /// broken too.
  func wrapped(_ text: String, height: Int, width: Int) -> [String] {
    guard let font = font(height: height) else { return [] }
    var lines: [String] = []
    var line = ""
    for word in DisplayText.oneLine(text).split(separator: " ") {
      let longer = line.isEmpty ? String(word) : "\(line) \(word)"
      if pixelWidth(longer, font) <= width {
        line = longer
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !line.isEmpty, pixelWidth(line + String(character), font) > width {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// The longest shortening of `line` that is at most `width` pixels wide, by bisection.
  private func fitted(_ line: String, font: OpaquePointer, width: Int) -> String {
    guard pixelWidth(line, font) > width else { return line }
    var fits = 1
    var tooLong = line.count
    while fits + 1 < tooLong {
      let middle = (fits + tooLong) / 2
      if pixelWidth(DisplayText.shortened(line, to: middle), font) <= width {
        fits = middle
      } else {
        tooLong = middle
      }
    }
    return DisplayText.shortened(line, to: fits)
  }

  private func pixelWidth(_ text: String, _ font: OpaquePointer) -> Int {
    var width: Int32 = 0
    var height: Int32 = 0
    return TTF_SizeUTF8(font, text, &width, &height) == 0 ? Int(width) : .max
  }

  private func font(height: Int) -> OpaquePointer? {
    let size = min(max(height, 6), 200)
    if let font = fontsBySize[size] { return font }
    guard let font = TTF_OpenFont(path, Int32(size)) else { return nil }
    fontsBySize[size] = font
    return font
  }
}
#endif
