import CSDL2

/// Everything that one frame shows.
struct Scene {
  enum Content {
    /// Nothing has arrived yet. The line below says what the program waits for.
    case waiting(String)
    /// The picture's texture, and its upright size in the file, which gives its shape.
    case picture(texture: OpaquePointer, shape: PixelSize)
    case plate(Plate)
    /// The image is being decoded.
    case decoding
  }

  var content: Content
  /// The line above the picture: its file's name; empty for none.
  var name = ""
  /// At the right end of that line: "5 of 20".
  var place = ""
  /// The line under the picture: empty for none.
  var status = ""
  /// At the right end of that line.
  var note = ""
  /// In [0, 1]; nil for no bar.
  var progress: Double?

  /// What the strips above and below leave of a frame of `size`.
  func pictureSize(in size: PixelSize) -> PixelSize {
    PixelSize(
      width: size.width, height: max(1, size.height - captionHeight(in: size) - stripHeight(in: size)))
  }

  /// Draws the frame.
  func draw(on canvas: Canvas) {
    let size = canvas.size
    let area = pictureSize(in: size)
    let top = Int32(captionHeight(in: size))
    canvas.clear(Palette.background)
    switch content {
    case .waiting(let line): drawMessage(line, on: canvas, area, top: Int(top))
    case .decoding: drawMessage("Decoding…", on: canvas, area, top: Int(top))
    case .plate(let plate):
      PlatePainter.draw(
        plate, in: SDL_Rect(x: 0, y: top, w: Int32(area.width), h: Int32(area.height)), on: canvas)
    case .picture(let texture, let shape):
      var rectangle = Self.centered(shape, in: area)
      rectangle.y += top
      canvas.copy(texture, to: rectangle)
    }
    drawCaption(on: canvas, size)
    drawStrip(on: canvas, size)
  }

  /// `shape` fitted into `area` and centred there.
  static func centered(_ shape: PixelSize, in area: PixelSize) -> SDL_Rect {
    let fitted = shape.fitted(into: area)
    return SDL_Rect(
      x: Int32((area.width - fitted.width) / 2), y: Int32((area.height - fitted.height) / 2),
      w: Int32(fitted.width), h: Int32(fitted.height))
  }

  private func textHeight(in size: PixelSize) -> Int { min(max(size.height / 45, 13), 40) }

  /// Zero if there is nothing to say.
  private func stripHeight(in size: PixelSize) -> Int {
    status.isEmpty && note.isEmpty && progress == nil ? 0 : 2 * textHeight(in: size)
  }

  /// Zero if there is no name, and in a window so low that the picture needs the whole height.
  private func captionHeight(in size: PixelSize) -> Int {
    let height = 2 * textHeight(in: size)
    return name.isEmpty && place.isEmpty || size.height < 6 * height ? 0 : height
  }

  private func drawMessage(_ line: String, on canvas: Canvas, _ area: PixelSize, top: Int) {
    let height = min(max(area.height / 24, 14), 60)
    canvas.text(
      line, x: area.width / 2, y: top + (area.height - height) / 2, height: height,
      width: area.width * 9 / 10,
      Palette.quietText, .center)
  }

  /// The name may use all the space. Its middle is cut out only when it does not fit.
  private func drawCaption(on canvas: Canvas, _ size: PixelSize) {
    let height = captionHeight(in: size)
    guard height > 0 else { return }
    canvas.fill(SDL_Rect(x: 0, y: 0, w: Int32(size.width), h: Int32(height)), Palette.strip)
    let margin = height / 2
    let textHeight = textHeight(in: size)
    let placeWidth = canvas.text(
      place, x: size.width - margin, y: height / 5, height: textHeight, width: size.width, Palette.quietText,
      .trailing)
    canvas.text(
      name, x: margin, y: height / 5, height: textHeight,
      width: max(1, size.width - placeWidth - 3 * margin), Palette.text)
  }

  private func drawStrip(on canvas: Canvas, _ size: PixelSize) {
    let height = stripHeight(in: size)
    guard height > 0 else { return }
    let top = size.height - height
    canvas.fill(SDL_Rect(x: 0, y: Int32(top), w: Int32(size.width), h: Int32(height)), Palette.strip)
    if let progress {
      let barHeight = Int32(max(3, height / 10))
      let width = Int32(size.width)
      canvas.fill(SDL_Rect(x: 0, y: Int32(top), w: width, h: barHeight), Palette.barTrack)
      canvas.fill(
        SDL_Rect(x: 0, y: Int32(top), w: Int32(Double(width) * progress), h: barHeight), Palette.bar)
    }
    let margin = height / 2
    let textTop = top + height * 3 / 10
    let noteWidth = canvas.text(
      note, x: size.width - margin, y: textTop, height: textHeight(in: size), width: size.width * 2 / 5,
      Palette.quietText, .trailing)
    canvas.text(
      status, x: margin, y: textTop, height: textHeight(in: size),
      width: max(1, size.width - noteWidth - 3 * margin), Palette.text)
  }
}
