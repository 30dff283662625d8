#if Viewer
import CSDL2

/// The list of keys over the window.
enum HelpScene {
  static func draw(_ lines: [KeyBindings.Line], on canvas: Canvas) {
    let size = canvas.size
    let height = min(max(min(size.height / 40, size.width / 50), 9), 30)
    let pitch = height * 17 / 10
    let keyWidth = (lines.map { canvas.textWidth($0.keys, height: height) }.max() ?? 0) + 2 * height
    let textWidth = lines.map { canvas.textWidth($0.meaning, height: height) }.max() ?? 0
    let width = min(size.width - 2 * height, keyWidth + textWidth + 3 * height)
    let cardHeight = min(size.height, lines.count * pitch + 2 * height)
    let card = SDL_Rect(
      x: Int32((size.width - width) / 2), y: Int32(max(0, (size.height - cardHeight) / 2)), w: Int32(width),
      h: Int32(cardHeight))
    canvas.fill(card, canvas.palette.strip)
    canvas.outline(card, thickness: 2, canvas.palette.quietText)
    let left = Int(card.x) + height * 3 / 2
    for (row, line) in lines.enumerated() {
      let y = Int(card.y) + height + row * pitch
      canvas.text(line.keys, x: left, y: y, height: height, width: keyWidth, canvas.palette.text)
      canvas.text(
        line.meaning, x: left + keyWidth, y: y, height: height,
        width: max(1, width - keyWidth - 3 * height), canvas.palette.quietText)
    }
  }
}
#endif
