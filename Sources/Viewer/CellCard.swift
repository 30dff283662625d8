#if Viewer
import CSDL2

/// The card beside the pointer that tells the story of a cell of the map.
struct CellCard {
  /// The first is its title.
  let lines: [String]

  init(_ chunks: Range<UInt64>, _ delivery: DeliveryMap) {
    let counts = delivery.counts(chunks)
    let isOne = chunks.count == 1
    var title = isOne ? "Chunk \(chunks.lowerBound)" : "Chunks \(chunks.lowerBound)–\(chunks.upperBound - 1)"
    if let file = delivery.file(ofChunk: chunks.lowerBound) {
      let isLonger = chunks.upperBound > file.chunks.upperBound
      title += " of \(file.name)" + (isLonger ? " and following files" : "")
    } else if delivery.fileCount > 0 {
      title += " of the list of files"
    }
    let state = CellState(counts)
    var words = [state.word(in: delivery) ?? state.word]
    if !isOne {
      let parts: [(UInt64, CellState)] = [
        (counts.arrived, .arrived), (counts.repaired, .repaired), (counts.rebuilt, .rebuilt),
        (counts.asked, .asked), (counts.missing, .missing),
      ]
      words = parts.filter { $0.0 > 0 }.compactMap { count, state in
        state.word(in: delivery).map { "\(count) \($0)" }
      }
    }
    lines = [title, words.joined(separator: ", ")] + delivery.story(chunks)
  }

  func draw(at place: (x: Int, y: Int), textHeight: Int, on canvas: Canvas) {
    let size = canvas.size
    let pitch = textHeight * 3 / 2
    let widest = lines.map { canvas.textWidth($0, height: textHeight) }.max() ?? 0
    let width = min(size.width, widest + 2 * textHeight)
    let height = lines.count * pitch + textHeight
    // Beside the pointer, and inside the window.
    let isRoomRight = place.x + textHeight + width <= size.width
    let x = isRoomRight ? place.x + textHeight : max(0, place.x - textHeight - width)
    let y = max(0, min(place.y + textHeight, size.height - height))
    let card = SDL_Rect(x: Int32(x), y: Int32(y), w: Int32(width), h: Int32(height))
    canvas.fill(card, canvas.palette.strip)
    canvas.outline(card, thickness: 1, canvas.palette.quietText)
    for (row, line) in lines.enumerated() {
      canvas.text(
        line, x: x + textHeight, y: y + textHeight / 2 + row * pitch, height: textHeight,
        width: max(1, width - 2 * textHeight), row == 0 ? canvas.palette.text : canvas.palette.quietText)
    }
  }
}
#endif
