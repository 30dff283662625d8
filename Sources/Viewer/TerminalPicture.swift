/// Images and maps as lines of text, for a terminal of a host without a display.
package enum TerminalPicture {
  private static let reset = "\u{1B}[0m"

  /// An image in half blocks of 24-bit colours, in at most `columns` by `rows` characters; of a file that
  /// cannot be decoded its plate in words. Throws when libraries are missing.
  package static func lines(of item: GalleryItem, columns: Int, rows: Int) throws(ViewerError) -> [String] {
    try ViewerLibraries.load()
    let box = PixelSize(width: max(1, columns), height: max(1, rows) * 2)
    let entry = GalleryFeed.Entry(item: item, revision: 0)
    switch ImageLoader.load(entry, box: box, currentPath: { _ in nil }) {
    case .image(let image): return lines(of: image, in: box)
    case .plate(let plate): return [plate.name, plate.reason].map { DisplayText.oneLine($0) }
    case .nothingYet: return []
    }
  }

  /// An image for a terminal that shows pixels; nil for a file that cannot be decoded, and for too small a
  /// part of one.
  package static func image(of item: GalleryItem, box: PixelSize) throws(ViewerError) -> DecodedImage? {
    try ViewerLibraries.load()
    let entry = GalleryFeed.Entry(item: item, revision: 0)
    guard case .image(let image) = ImageLoader.load(entry, box: box, currentPath: { _ in nil }) else {
      return nil
    }
    return image
  }

  /// The pixels of an image at another size, in rows: 0xRRGGBB.
  package static func pixels(of image: DecodedImage, size: PixelSize) -> [UInt32] {
    (0..<size.height).flatMap { y in (0..<size.width).map { x in mean(image, x: x, y: y, in: size) } }
  }

  /// The upper half of a character has the block's colour, the lower half the background's.
  private static func lines(of image: DecodedImage, in box: PixelSize) -> [String] {
    let size = image.sourceSize.fitted(into: box)
    return stride(from: 0, to: size.height, by: 2).map { y in
      var line = ""
      for x in 0..<size.width {
        let upper = mean(image, x: x, y: y, in: size)
        let lower = y + 1 < size.height ? mean(image, x: x, y: y + 1, in: size) : upper
        line += "\u{1B}[38;2;\(numbers(upper))m"
        if y + 1 < size.height { line += "\u{1B}[48;2;\(numbers(lower))m" }
        line += "▀"
      }
      return line + reset
    }
  }

  private static func numbers(_ color: UInt32) -> String {
    "\(color >> 16 & 255);\(color >> 8 & 255);\(color & 255)"
  }

  /// The mean of the pixels that a pixel of a picture of `size` covers.
  private static func mean(_ image: DecodedImage, x: Int, y: Int, in size: PixelSize) -> UInt32 {
    let left = x * image.size.width / size.width
    let right = max(left + 1, (x + 1) * image.size.width / size.width)
    let top = y * image.size.height / size.height
    let bottom = max(top + 1, (y + 1) * image.size.height / size.height)
    var sum: (red: UInt64, green: UInt64, blue: UInt64) = (0, 0, 0)
    var count: UInt64 = 0
    for row in top..<min(bottom, image.size.height) {
      for column in left..<min(right, image.size.width) {
        let pixel = image.pixels[row * image.size.width + column]
        sum.red += UInt64(pixel >> 16 & 255)
        sum.green += UInt64(pixel >> 8 & 255)
        sum.blue += UInt64(pixel & 255)
        count += 1
      }
    }
    guard count > 0 else { return 0 }
    return UInt32(sum.red / count) << 16 | UInt32(sum.green / count) << 8 | UInt32(sum.blue / count)
  }

  /// The map of a set in at most `columns` by `rows` characters, then what they mean. Each state has a
  /// character of its own, so that colours only help. `isSmall`: the legend too takes no more than a line of
  /// `columns`.
  package static func lines(
    of delivery: DeliveryMap, columns: Int, rows: Int, hasColor: Bool, isSmall: Bool = false
  ) -> [String] {
    let columns = max(1, columns)
    let room = UInt64(columns * max(1, rows))
    let chunksPerCell = max(1, (delivery.chunkCount + room - 1) / room)
    var lines: [String] = []
    var line = ""
    var count = 0
    for first in stride(from: 0, to: delivery.chunkCount, by: UInt64.Stride(chunksPerCell)) {
      let chunks = first..<min(delivery.chunkCount, first + chunksPerCell)
      line += text(CellState(delivery.counts(chunks)), hasColor: hasColor)
      count += 1
      guard count == columns else { continue }
      lines.append(line)
      (line, count) = ("", 0)
    }
    if !line.isEmpty { lines.append(line) }
    return lines
      + [
        legend(
          delivery, chunksPerCell, hasColor: hasColor, columns: isSmall ? columns : .max)
      ]
  }

  private static func text(_ state: CellState, hasColor: Bool) -> String {
    hasColor
      ? "\u{1B}[38;2;\(numbers(Palette.dark.cell(state).pixel))m\(character(state))\(reset)"
      : character(state)
  }

  static func character(_ state: CellState) -> String {
    switch state {
    case .missing: "·"
    case .asked: "□"
    case .partial: "▒"
    case .arrived: "█"
    case .repaired: "◣"
    case .rebuilt: "▣"
    }
  }

  private static func legend(
    _ delivery: DeliveryMap, _ chunksPerCell: UInt64, hasColor: Bool, columns: Int
  ) -> String {
    let counts = delivery.totals
    let first = counts.arrived - min(counts.arrived, counts.repaired + counts.rebuilt)
    let numbers: [(CellState, UInt64)] = [
      (.arrived, first), (.repaired, counts.repaired), (.rebuilt, counts.rebuilt), (.asked, counts.asked),
      (.missing, counts.missing),
    ]
    // Where not all have room, those that are not in the map go first.
    var shown = numbers.filter { $0.0.word(in: delivery) != nil }
    func width() -> Int {
      shown.reduce(0) { $0 + 5 + ($1.0.word(in: delivery) ?? "").count + "\($1.1)".count }
    }
    while width() > columns, let place = shown.firstIndex(where: { $0.1 == 0 }) { shown.remove(at: place) }
    let words = shown.map { state, count in
      "\(text(state, hasColor: hasColor)) \(state.word(in: delivery) ?? "") \(count)"
    }
    let scale = chunksPerCell == 1 ? "" : "; a character is \(chunksPerCell) chunks"
    return words.joined(separator: "  ") + (width() + scale.count > columns ? "" : scale)
  }
}
