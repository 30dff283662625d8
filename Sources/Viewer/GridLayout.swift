/// Where the thumbnails of the grid stand: rows of equal cells, each a thumbnail over its name. Knows only
/// numbers. Pixels; y counts from the top of the first row, and scrolling shifts it.
package struct GridLayout: Equatable, Sendable {
  /// A place on the screen or in the grid.
  package struct Frame: Equatable, Sendable {
    package var x: Int
    package var y: Int
    package var size: PixelSize

    package init(x: Int, y: Int, size: PixelSize) {
      self.x = x
      self.y = y
      self.size = size
    }

    package func contains(x: Int, y: Int) -> Bool {
      x >= self.x && y >= self.y && x < self.x + size.width && y < self.y + size.height
    }
  }

  /// The sizes of thumbnails to choose from, in widths of an average one.
  package static let magnifications = [0.5, 0.7, 1, 1.4, 2, 3]
  package static let usualMagnification = 2

  package let area: PixelSize
  package let count: Int
  package let columns: Int
  package let thumbnail: PixelSize
  package let gap: Int
  /// The height of the line with the name.
  package let captionHeight: Int

  /// A grid of `count` images in `area`. `magnification` is an index of `magnifications`, clamped.
  package init(count: Int, area: PixelSize, textHeight: Int, magnification: Int = usualMagnification) {
    self.count = max(0, count)
    self.area = area
    captionHeight = textHeight * 3 / 2
    gap = max(4, textHeight * 2 / 3)
    let step = Self.magnifications[min(max(magnification, 0), Self.magnifications.count - 1)]
    let usual = min(max(Double(area.width) / 5, 120), 300) * step
    let wanted = max(32, Int(usual))
    columns = max(1, (area.width - gap) / (wanted + gap))
    let width = max(16, (area.width - gap * (columns + 1)) / columns)
    thumbnail = PixelSize(width: width, height: max(12, width * 3 / 4))
  }

  package var rowCount: Int { (count + columns - 1) / columns }
  /// From the top of one row to the top of the next.
  package var rowPitch: Int { thumbnail.height + captionHeight + gap }
  package var contentHeight: Int { gap + rowCount * rowPitch }
  /// The largest sensible scroll position.
  package var scrollLimit: Int { max(0, contentHeight - area.height) }
  /// Rows that fit at once, at least 1.
  package var rowsPerPage: Int { max(1, (area.height - gap) / rowPitch) }

  package func row(of position: Int) -> Int { position / columns }

  /// The top of a row with the gap above it.
  package func top(ofRow row: Int) -> Int { row * rowPitch }

  /// The place of a thumbnail, without its name.
  package func frame(of position: Int) -> Frame {
    Frame(
      x: gap + position % columns * (thumbnail.width + gap), y: gap + row(of: position) * rowPitch,
      size: thumbnail)
  }

  /// The images of which a part is to be seen at this scroll position.
  package func visible(scroll: Int) -> Range<Int> {
    guard count > 0 else { return 0..<0 }
    let firstRow = max(0, scroll) / rowPitch
    let lastRow = (max(0, scroll) + max(1, area.height) - 1) / rowPitch
    let first = min(count, firstRow * columns)
    return first..<max(first, min(count, (lastRow + 1) * columns))
  }

  /// The image at this place of the area; nil beside and between the images. Its name counts as the image.
  package func position(atX x: Int, y: Int, scroll: Int) -> Int? {
    guard x >= gap, y >= 0, x < area.width, y < area.height else { return nil }
    let (column, row) = ((x - gap) / (thumbnail.width + gap), (y + scroll - gap) / rowPitch)
    let position = row * columns + column
    guard y + scroll >= gap, column < columns, position < count else { return nil }
    let cell = frame(of: position)
    let size = PixelSize(width: cell.size.width, height: cell.size.height + captionHeight)
    return Frame(x: cell.x, y: cell.y, size: size).contains(x: x, y: y + scroll) ? position : nil
  }
}
