#if Viewer
import CSDL2

/// Draws rectangles, pictures and lines of text on an SDL renderer of a window or a surface. Belongs to one
/// thread. A shape that SDL refuses to draw is left out, because a missing picture is no reason to end.
final class Canvas {
  /// How a line of text stands to its position.
  enum Alignment { case leading, center, trailing }

  let renderer: OpaquePointer
  let font: Font?
  /// How a person wants it to look.
  var look = Look()
  var palette: Palette { look.palette }
  private enum DrawnKey: Hashable {
    case text(String, height: Int, width: Int, color: UInt32)
    case ring(side: Int, step: Int)
  }
  private typealias Drawn = (texture: OpaquePointer, size: PixelSize)
  /// What was drawn before: most of a frame was in the one before. They end with the renderer, which destroys
  /// its textures.
  private var drawn: [DrawnKey: Drawn] = [:]
  private static let drawnLimit = 200

  /// Draws on `renderer`, which the caller keeps alive. Without `font`, texts are left out.
  init(renderer: OpaquePointer, font: Font?) {
    self.renderer = renderer
    self.font = font
  }

  /// The size of the drawing area, in pixels.
  var size: PixelSize {
    var width: Int32 = 0
    var height: Int32 = 0
    SDL_GetRendererOutputSize(renderer, &width, &height)
    return PixelSize(width: max(1, Int(width)), height: max(1, Int(height)))
  }

  func clear(_ color: Color) {
    setColor(color)
    SDL_RenderClear(renderer)
  }

  func fill(_ rectangle: SDL_Rect, _ color: Color) {
    setColor(color)
    withUnsafePointer(to: rectangle) { _ = SDL_RenderFillRect(renderer, $0) }
  }

  /// The edge of `rectangle`, `thickness` pixels inwards.
  func outline(_ rectangle: SDL_Rect, thickness: Int32, _ color: Color) {
    let (x, y, width, height) = (rectangle.x, rectangle.y, rectangle.w, rectangle.h)
    fill(SDL_Rect(x: x, y: y, w: width, h: thickness), color)
    fill(SDL_Rect(x: x, y: y + height - thickness, w: width, h: thickness), color)
    fill(SDL_Rect(x: x, y: y, w: thickness, h: height), color)
    fill(SDL_Rect(x: x + width - thickness, y: y, w: thickness, h: height), color)
  }

  /// Draws a line of text. Its top is at `y`, and its start, middle or end at `x`. Returns its width in
  /// pixels.
  @discardableResult
  func text(
    _ line: String, x: Int, y: Int, height: Int, width: Int, _ color: Color,
    _ alignment: Alignment = .leading
  ) -> Int {
    guard let text = drawnText(line, height: height, width: width, color) else { return 0 }
    let textWidth = Int32(text.size.width)
    let left =
      switch alignment {
      case .leading: Int32(x)
      case .center: Int32(x) - textWidth / 2
      case .trailing: Int32(x) - textWidth
      }
    copy(text.texture, to: SDL_Rect(x: left, y: Int32(y), w: textWidth, h: Int32(text.size.height)))
    return Int(textWidth)
  }

  /// A line of text as it was drawn before, or drawn now.
  private func drawnText(_ line: String, height: Int, width: Int, _ color: Color) -> Drawn? {
    let key = DrawnKey.text(line, height: height, width: width, color: color.pixel)
    if let text = drawn[key] { return text }
    guard let surface = font?.surface(line, height: height, width: width, color: color) else { return nil }
    defer { SDL_FreeSurface(surface) }
    guard let texture = SDL_CreateTextureFromSurface(renderer, surface) else { return nil }
    return keep(
      (texture, PixelSize(width: Int(surface.pointee.w), height: Int(surface.pointee.h))), as: key)
  }

  /// Draws the ring of an image that is on its way, in a square of `side` pixels at most.
  func ring(fraction: Double, side: Int, x: Int, y: Int) {
    let size = PixelSize(width: ProgressRing.side(side), height: ProgressRing.side(side))
    let key = DrawnKey.ring(side: size.width, step: ProgressRing.step(of: fraction))
    let pixels = { ProgressRing.pixels(side: side, fraction: fraction) }
    guard let ring = drawn[key] ?? texture(pixels(), size: size).map({ keep(($0, size), as: key) }) else {
      return
    }
    copy(ring.texture, to: SDL_Rect(x: Int32(x), y: Int32(y), w: Int32(size.width), h: Int32(size.height)))
  }

  private func keep(_ new: Drawn, as key: DrawnKey) -> Drawn {
    if drawn.count >= Self.drawnLimit { forgetDrawn() }
    drawn[key] = new
    return new
  }

  /// The renderer lost its textures, or there are many.
  func forgetDrawn() {
    for old in drawn.values { SDL_DestroyTexture(old.texture) }
    drawn = [:]
  }

  /// The width in pixels of `line` at this height; 0 without a font.
  func textWidth(_ line: String, height: Int) -> Int { font?.width(line, height: height) ?? 0 }

  /// A texture with the picture's pixels, nil if SDL refuses it. The caller destroys it.
  func texture(_ image: DecodedImage) -> OpaquePointer? {
    guard
      let texture = SDL_CreateTexture(
        renderer, SDL_PIXELFORMAT_ARGB8888.rawValue, Int32(SDL_TEXTUREACCESS_STATIC.rawValue),
        Int32(image.size.width), Int32(image.size.height))
    else { return nil }
    SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_NONE)
    SDL_SetTextureScaleMode(texture, SDL_ScaleModeLinear)
    guard SDL_UpdateTexture(texture, nil, image.pixels, Int32(image.bytesPerRow)) == 0 else {
      SDL_DestroyTexture(texture)
      return nil
    }
    return texture
  }

  func copy(_ texture: OpaquePointer, part: SDL_Rect, to rectangle: SDL_Rect) {
    withUnsafePointer(to: part) { part in
      withUnsafePointer(to: rectangle) { _ = SDL_RenderCopy(renderer, texture, part, $0) }
    }
  }

  /// Draws pixels of `ARGB8888` with their alpha channel, as they are. `isOpaque`: without it, which is
  /// faster.
  func blend(_ pixels: [UInt32], size: PixelSize, x: Int, y: Int, isOpaque: Bool = false) {
    guard let texture = texture(pixels, size: size, isOpaque: isOpaque) else { return }
    defer { SDL_DestroyTexture(texture) }
    copy(texture, to: SDL_Rect(x: Int32(x), y: Int32(y), w: Int32(size.width), h: Int32(size.height)))
  }

  private func texture(_ pixels: [UInt32], size: PixelSize, isOpaque: Bool = false) -> OpaquePointer? {
    guard pixels.count == size.pixelCount,
      let texture = SDL_CreateTexture(
        renderer, SDL_PIXELFORMAT_ARGB8888.rawValue, Int32(SDL_TEXTUREACCESS_STATIC.rawValue),
        Int32(size.width), Int32(size.height))
    else { return nil }
    SDL_SetTextureBlendMode(texture, isOpaque ? SDL_BLENDMODE_NONE : SDL_BLENDMODE_BLEND)
    guard SDL_UpdateTexture(texture, nil, pixels, Int32(size.width * 4)) == 0 else {
      SDL_DestroyTexture(texture)
      return nil
    }
    return texture
  }

  /// Fills a rectangle with the pattern for what is missing.
  func hatch(_ rectangle: SDL_Rect) {
    let size = PixelSize(width: Int(rectangle.w), height: Int(rectangle.h))
    guard size.width > 0, size.height > 0 else { return }
    var pixels: [UInt32] = []
    pixels.reserveCapacity(size.pixelCount)
    for y in 0..<size.height { for x in 0..<size.width { pixels.append(Hatch.pixel(x: x, y: y)) } }
    blend(pixels, size: size, x: Int(rectangle.x), y: Int(rectangle.y))
  }

  /// The whole texture, mixed with what is there; `opacity` is in [0, 1].
  func copy(_ texture: OpaquePointer, to rectangle: SDL_Rect, opacity: Double) {
    SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_BLEND)
    SDL_SetTextureAlphaMod(texture, UInt8(min(max(opacity, 0), 1) * 255))
    copy(texture, to: rectangle)
    SDL_SetTextureAlphaMod(texture, 255)
    SDL_SetTextureBlendMode(texture, SDL_BLENDMODE_NONE)
  }

  func copy(_ texture: OpaquePointer, to rectangle: SDL_Rect) {
    withUnsafePointer(to: rectangle) { _ = SDL_RenderCopy(renderer, texture, nil, $0) }
  }

  private func setColor(_ color: Color) {
    let color = SDL_Color(color)
    SDL_SetRenderDrawColor(renderer, color.r, color.g, color.b, color.a)
  }
}

extension SDL_Color {
  /// Opaque.
  init(_ color: Color) {
    self.init(
      r: UInt8(color.rgb >> 16 & 255), g: UInt8(color.rgb >> 8 & 255), b: UInt8(color.rgb & 255), a: 255)
  }
}
#endif
