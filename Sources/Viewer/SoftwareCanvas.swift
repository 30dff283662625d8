#if Viewer
import CSDL2

/// A canvas in memory, for screenshots and contact sheets. It needs no display and no SDL_Init.
final class SoftwareCanvas {
  let canvas: Canvas
  private let surface: UnsafeMutablePointer<SDL_Surface>

  init(size: PixelSize, font: Font?) throws(ViewerError) {
    guard (1...16_384).contains(size.width), (1...16_384).contains(size.height),
      size.pixelCount <= JPEGDecoder.decodedPixelLimit
    else { throw .sizeOutOfRange(width: size.width, height: size.height) }
    guard
      let surface = SDL_CreateRGBSurfaceWithFormat(
        0, Int32(size.width), Int32(size.height), 32, SDL_PIXELFORMAT_ARGB8888.rawValue)
    else { throw .graphicsFailed(action: "make a picture", reason: String(cString: SDL_GetError())) }
    guard let renderer = SDL_CreateSoftwareRenderer(surface) else {
      SDL_FreeSurface(surface)
      throw .graphicsFailed(action: "draw a picture", reason: String(cString: SDL_GetError()))
    }
    self.surface = surface
    canvas = Canvas(renderer: renderer, font: font)
  }

  deinit {
    SDL_DestroyRenderer(canvas.renderer)
    SDL_FreeSurface(surface)
  }

  /// Writes what was drawn to a PNG or, if `path` ends so, a BMP.
  func write(to path: String) throws(ViewerError) {
    SDL_RenderFlush(canvas.renderer)
    try PictureFile.write(surface, to: path)
  }
}
#endif
