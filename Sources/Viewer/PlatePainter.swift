import CSDL2

/// Draws the plate for a file that has no picture: a framed card with the file's name, size and the reason.
///
/// The frame and the cross stay recognisable where no font is installed.
enum PlatePainter {
  static func draw(_ plate: Plate, in area: SDL_Rect, on canvas: Canvas) {
    let card = SDL_Rect(
      x: area.x + area.w / 10, y: area.y + area.h / 5, w: max(1, area.w * 8 / 10), h: max(1, area.h * 3 / 5))
    canvas.fill(card, Palette.plate)
    canvas.outline(card, thickness: max(1, min(card.w, card.h) / 60), Palette.plateEdge)
    drawCross(in: card, on: canvas)
    drawLines(plate.lines, in: card, on: canvas)
  }

  /// A cross in the card's upper part, of squares, so that it needs no font and no line drawing.
  private static func drawCross(in card: SDL_Rect, on canvas: Canvas) {
    let side = min(card.w, card.h) / 4
    let dot = max(1, side / 10)
    let left = card.x + (card.w - side) / 2
    let top = card.y + card.h / 10
    guard side > dot else { return }
    for step in 0...(side - dot) {
      canvas.fill(SDL_Rect(x: left + step, y: top + step, w: dot, h: dot), Palette.plateEdge)
      canvas.fill(SDL_Rect(x: left + side - dot - step, y: top + step, w: dot, h: dot), Palette.plateEdge)
    }
  }

  private static func drawLines(_ lines: [String], in card: SDL_Rect, on canvas: Canvas) {
    // On a contact sheet's small card three lines of ten pixels just fit; smaller ones nobody reads.
    let height = min(max(Int(card.h) / 14, min(Int(card.h) / 9, 10), 7), 48)
    let width = Int(card.w) * 9 / 10
    var y = Int(card.y) + Int(card.h) * 45 / 100
    for (position, line) in lines.enumerated() {
      let isOuter = position == 0 || position == lines.count - 1
      canvas.text(
        line, x: Int(card.x + card.w / 2), y: y, height: height, width: width,
        isOuter ? Palette.text : Palette.quietText, .center)
      y += height * 9 / 5
    }
  }
}
