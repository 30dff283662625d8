#if Viewer
import CSDL2

/// Draws the plate for a file without a picture: a framed card with the file's name, its size and the reason.
///
/// The frame and the cross are recognisable even without a font.
enum PlatePainter {
  static func draw(_ plate: Plate, in area: SDL_Rect, on canvas: Canvas) {
    let card = SDL_Rect(
      x: area.x + area.w / 10, y: area.y + area.h / 5, w: max(1, area.w * 8 / 10), h: max(1, area.h * 3 / 5))
    canvas.fill(card, canvas.palette.plate)
    canvas.outline(card, thickness: max(1, min(card.w, card.h) / 60), canvas.palette.plateEdge)
    drawCross(in: card, on: canvas)
    drawText(of: plate, in: card, on: canvas)
  }

  /// Draws a cross of squares in the card's upper part. It needs no font and no line drawing.
  private static func drawCross(in card: SDL_Rect, on canvas: Canvas) {
    let side = min(card.w, card.h) / 4
    let dot = max(1, side / 10)
    let left = card.x + (card.w - side) / 2
    let top = card.y + card.h / 10
    guard side > dot else { return }
    for step in 0...(side - dot) {
      canvas.fill(SDL_Rect(x: left + step, y: top + step, w: dot, h: dot), canvas.palette.plateEdge)
      canvas.fill(
        SDL_Rect(x: left + side - dot - step, y: top + step, w: dot, h: dot), canvas.palette.plateEdge)
    }
  }

  /// Draws the name, the size and the reason below the cross, in as many lines as they take.
  private static func drawText(of plate: Plate, in card: SDL_Rect, on canvas: Canvas) {
    guard let font = canvas.font else { return }
    let width = Int(card.w) * 9 / 10
    let top = Int(card.y) + Int(card.h) * 40 / 100
    let space = Int(card.h) * 57 / 100
    let size = plate.byteCount.map { [DisplayText.byteCount($0)] } ?? []
    // Four lines of ten pixels just fit on a contact sheet's small card. Smaller letters cannot be read.
    var height = min(max(Int(card.h) / 14, 10), 48)
    var reason = font.wrapped(plate.reason, height: height, width: width)
    while height > 10, (1 + size.count + reason.count) * pitch(height) > space {
      height = max(10, height * 9 / 10)
      reason = font.wrapped(plate.reason, height: height, width: width)
    }
    let room = max(1, space / pitch(height) - 1 - size.count)
    if reason.count > room {
      reason = reason.prefix(room - 1) + [reason[(room - 1)...].joined(separator: " ")]
    }
    var y = top
    for (line, color) in [(plate.name, canvas.palette.text)] + size.map({ ($0, canvas.palette.quietText) })
      + reason.map({ ($0, canvas.palette.text) })
    {
      canvas.text(line, x: Int(card.x + card.w / 2), y: y, height: height, width: width, color, .center)
      y += pitch(height)
    }
  }

  /// The distance from one line's top to the next. DejaVu Sans takes 1.17 of its height.
  private static func pitch(_ height: Int) -> Int { height * 3 / 2 }
}
#endif
