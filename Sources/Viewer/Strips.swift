#if Viewer
import CSDL2

/// The lines above and below what a frame shows, and the room that they leave.
struct Strips {
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

  /// The size of its texts.
  var look = Look()

  /// It grows with the window and with the size that a person chose.
  func textHeight(in size: PixelSize) -> Int {
    min(max(size.height / 45, 13), 40) * look.textPercent / 100
  }

  /// What the strips above and below leave of a frame of `size`.
  func room(in size: PixelSize) -> PixelSize {
    PixelSize(
      width: size.width, height: max(1, size.height - captionHeight(in: size) - stripHeight(in: size)))
  }

  /// Zero if there is nothing to say.
  private func stripHeight(in size: PixelSize) -> Int {
    status.isEmpty && note.isEmpty && progress == nil ? 0 : 2 * textHeight(in: size)
  }

  /// Zero if there is no name, and in a window so low that the picture needs the whole height.
  func captionHeight(in size: PixelSize) -> Int {
    let height = 2 * textHeight(in: size)
    return name.isEmpty && place.isEmpty || size.height < 6 * height ? 0 : height
  }

  func draw(on canvas: Canvas) {
    let size = canvas.size
    drawCaption(on: canvas, size)
    drawStrip(on: canvas, size)
  }

  /// The name may use all the space. Its middle is cut out only when it does not fit.
  private func drawCaption(on canvas: Canvas, _ size: PixelSize) {
    let height = captionHeight(in: size)
    guard height > 0 else { return }
    canvas.fill(SDL_Rect(x: 0, y: 0, w: Int32(size.width), h: Int32(height)), canvas.palette.strip)
    let margin = height / 2
    let textHeight = self.textHeight(in: size)
    let placeWidth = canvas.text(
      place, x: size.width - margin, y: height / 5, height: textHeight, width: size.width * 3 / 4,
      canvas.palette.quietText, .trailing)
    canvas.text(
      name, x: margin, y: height / 5, height: textHeight,
      width: max(1, size.width - placeWidth - 3 * margin), canvas.palette.text)
  }

  private func drawStrip(on canvas: Canvas, _ size: PixelSize) {
    let height = stripHeight(in: size)
    guard height > 0 else { return }
    let top = size.height - height
    canvas.fill(SDL_Rect(x: 0, y: Int32(top), w: Int32(size.width), h: Int32(height)), canvas.palette.strip)
    if let progress {
      let barHeight = Int32(max(3, height / 10))
      let width = Int32(size.width)
      canvas.fill(SDL_Rect(x: 0, y: Int32(top), w: width, h: barHeight), canvas.palette.barTrack)
      canvas.fill(
        SDL_Rect(x: 0, y: Int32(top), w: Int32(Double(width) * progress), h: barHeight), canvas.palette.bar)
    }
    let margin = height / 2
    let textTop = top + height * 3 / 10
    let textHeight = self.textHeight(in: size)
    let noteWidth = canvas.text(
      note, x: size.width - margin, y: textTop, height: textHeight, width: size.width * 2 / 5,
      canvas.palette.quietText, .trailing)
    canvas.text(
      status, x: margin, y: textTop, height: textHeight,
      width: max(1, size.width - noteWidth - 3 * margin), canvas.palette.text)
  }
}
#endif
