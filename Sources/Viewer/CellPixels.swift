/// Draws cells of the map. Each state has a colour (`Palette`), and a shape of its own.
package struct CellPixels {
  package let size: PixelSize
  /// SDL's ARGB8888.
  package private(set) var pixels: [UInt32]

  private let palette: Palette
  private let background: UInt32
  /// Cells that were drawn: a state, its side, and of a square that fills the rows that are full.
  private struct Shape: Hashable {
    var state: CellState
    var side: Int
    var filledRows: Int
  }
  private var stamps: [Shape: [UInt32]] = [:]

  /// Transparent pixels.
  package init(size: PixelSize) { self.init(size: size, palette: .dark) }

  /// `isOpaque`: on the window's background, which is drawn faster than transparent pixels.
  init(size: PixelSize, palette: Palette, isOpaque: Bool = false) {
    self.palette = palette
    background = isOpaque ? palette.background.pixel : 0
    self.size = PixelSize(width: max(1, size.width), height: max(1, size.height))
    pixels = Array(repeating: background, count: self.size.pixelCount)
  }

  /// Draws a cell of `side` pixels with its gap. `fraction`: the part that is here, for `.partial`.
  package mutating func draw(_ state: CellState, atX x: Int, y: Int, side: Int, fraction: Double = 0) {
    let inner = side - max(1, side / 8)
    let part = fraction.isNaN ? 0 : min(1, max(0, fraction))
    let shape = Shape(
      state: state, side: inner, filledRows: state == .partial ? Int(part * Double(inner)) : 0)
    let stamp = stamps[shape] ?? makeStamp(shape)
    let columns = max(0, -x)..<max(max(0, -x), min(inner, size.width - x))
    for row in 0..<inner where y + row >= 0 && y + row < size.height {
      let start = (y + row) * size.width + x
      for column in columns { pixels[start + column] = stamp[row * inner + column] }
    }
  }

  private mutating func makeStamp(_ shape: Shape) -> [UInt32] {
    let color = palette.cell(shape.state).pixel
    var stamp: [UInt32] = []
    for row in 0..<shape.side {
      for column in 0..<shape.side {
        let isInside = Self.isInside(shape.state, column, row, shape.side, shape.filledRows)
        stamp.append(isInside ? color : background)
      }
    }
    stamps[shape] = stamp
    return stamp
  }

  /// The shape of a state: a dot, a frame, a square that fills from below, a square, a triangle, a ring.
  private static func isInside(
    _ state: CellState, _ column: Int, _ row: Int, _ side: Int, _ filledRows: Int
  ) -> Bool {
    let edge = min(min(column, row), min(side - 1 - column, side - 1 - row))
    let thickness = max(1, side / 6)
    return switch state {
    case .missing: edge >= (side - max(2, side / 4)) / 2
    case .asked: edge < thickness
    case .partial: edge == 0 || side - row <= filledRows
    case .arrived: true
    case .repaired: column <= row
    case .rebuilt: edge < max(2, side / 4) || edge >= (side - thickness) / 2
    }
  }
}
