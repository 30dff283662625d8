import CSDL2

/// The viewer's few colours.
enum Palette {
  static let background = SDL_Color(r: 16, g: 16, b: 18, a: 255)
  static let strip = SDL_Color(r: 34, g: 35, b: 40, a: 255)
  static let barTrack = SDL_Color(r: 60, g: 62, b: 70, a: 255)
  static let bar = SDL_Color(r: 86, g: 166, b: 240, a: 255)
  static let text = SDL_Color(r: 232, g: 232, b: 236, a: 255)
  static let quietText = SDL_Color(r: 165, g: 167, b: 176, a: 255)
  /// Okabe and Ito, as the map's cells.
  static let arrived = SDL_Color(r: 86, g: 180, b: 233, a: 255)
  static let lost = SDL_Color(r: 213, g: 94, b: 0, a: 255)
  static let slowest = SDL_Color(r: 230, g: 159, b: 0, a: 255)
  static let whole = SDL_Color(r: 0, g: 158, b: 115, a: 255)
  static let asked = SDL_Color(r: 240, g: 228, b: 66, a: 255)
  static let plate = SDL_Color(r: 52, g: 40, b: 40, a: 255)
  static let plateEdge = SDL_Color(r: 224, g: 122, b: 95, a: 255)
}
