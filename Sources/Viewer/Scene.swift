#if Viewer
import CSDL2

/// Everything that one frame of a single image shows.
struct Scene {
  enum Content {
    /// Nothing has arrived yet. The line below says what the program waits for.
    case waiting(String)
    /// The picture's texture with its size, and its upright size in the file, which gives its shape.
    case picture(texture: OpaquePointer, size: PixelSize, shape: PixelSize)
    case plate(Plate)
    /// The image is being decoded.
    case decoding
    /// Nothing of the image can be drawn yet. The text says how much has arrived.
    case missing(String)
  }

  var content: Content
  var strips = Strips()
  var zoom = ImageZoom()
  /// The picture before, which this one covers more and more.
  var fade: (picture: PictureCache.Drawable, isOver: Double)?

  /// What the strips above and below leave of a frame of `size`.
  func pictureSize(in size: PixelSize) -> PixelSize { strips.room(in: size) }

  /// Draws the frame.
  func draw(on canvas: Canvas) {
    let size = canvas.size
    var strips = strips
    strips.look = canvas.look
    let area = strips.room(in: size)
    let top = strips.captionHeight(in: size)
    canvas.clear(canvas.palette.background)
    switch content {
    case .waiting(let line): Self.drawMessage(line, on: canvas, area, top: top)
    case .decoding: Self.drawMessage("Decoding…", on: canvas, area, top: top)
    case .missing(let text):
      canvas.hatch(SDL_Rect(x: 0, y: Int32(top), w: Int32(area.width), h: Int32(area.height)))
      Self.drawMessage(text, on: canvas, area, top: top)
    case .plate(let plate):
      PlatePainter.draw(
        plate, in: SDL_Rect(x: 0, y: Int32(top), w: Int32(area.width), h: Int32(area.height)), on: canvas)
    case .picture(let texture, let decoded, let shape):
      let (source, target) = zoom.visiblePart(of: shape, decodedAt: decoded, in: area)
      let place = SDL_Rect(target, below: top)
      guard let fade else {
        canvas.copy(texture, part: SDL_Rect(source), to: place)
        break
      }
      var before = Self.centered(fade.picture.shape, in: area)
      before.y += Int32(top)
      canvas.copy(fade.picture.texture, to: before, opacity: 1 - fade.isOver)
      canvas.copy(texture, to: place, opacity: fade.isOver)
    }
    strips.draw(on: canvas)
  }

  /// `shape` fitted into `area` and centred there.
  static func centered(_ shape: PixelSize, in area: PixelSize) -> SDL_Rect {
    let fitted = shape.fitted(into: area)
    return SDL_Rect(
      x: Int32((area.width - fitted.width) / 2), y: Int32((area.height - fitted.height) / 2),
      w: Int32(fitted.width), h: Int32(fitted.height))
  }

  static func drawMessage(_ line: String, on canvas: Canvas, _ area: PixelSize, top: Int) {
    var height = min(max(area.height / 24, 14), 60) * canvas.look.textPercent / 100
    while height > 10, canvas.textWidth(line, height: height) > area.width * 9 / 10 { height -= 1 }
    canvas.text(
      line, x: area.width / 2, y: top + (area.height - height) / 2, height: height,
      width: area.width * 9 / 10,
      canvas.palette.quietText, .center)
  }
}

extension SDL_Rect {
  init(_ frame: GridLayout.Frame, below top: Int = 0) {
    self.init(
      x: Int32(frame.x), y: Int32(frame.y + top), w: Int32(frame.size.width), h: Int32(frame.size.height))
  }
}
#endif
