/// Draws cells of the map. Each state has a colour (`Palette`), and a shape of its own.
package struct CellPixels {
  package let size: PixelSize
  /// SDL's ARGB8888.
  package private(set) var pixels: [UInt32]

  private let palette: Palette

  /// Transparent pixels.
  package init(size: PixelSize) { self.init(size: size, palette: .dark) }

  init(size: PixelSize, palette: Palette) {
    self.palette = palette
    self.size = PixelSize(width: max(1, size.width), height: max(1, size.height))
    pixels = Array(repeating: 0, count: self.size.pixelCount)
  }

  /// Draws a cell of `side` pixels with its gap. `fraction`: the part that is here, for `.partial`.
  package mutating func draw(_ state: CellState, atX x: Int, y: Int, side: Int, fraction: Double = 0) {
    let inner = side - max(1, side / 8)
    let color = palette.cell(state).pixel
    for row in 0..<inner {
      for column in 0..<inner where Self.isInside(state, column, row, inner, fraction) {
        let (pixelX, pixelY) = (x + column, y + row)
        if pixelX >= 0, pixelY >= 0, pixelX < size.width, pixelY < size.height {
          pixels[pixelY * size.width + pixelX] = color
        }
      }
    }
  }

  /// The shape of a state: a dot, a frame, a square that fills from below, a square, a triangle, a ring.
  private static func isInside(
    _ state: CellState, _ column: Int, _ row: Int, _ side: Int, _ fraction: Double
  ) -> Bool {
    let edge = min(min(column, row), min(side - 1 - column, side - 1 - row))
    let thickness = max(1, side / 6)
    return switch state {
    case .missing: edge >= (side - max(2, side / 4)) / 2
    case .asked: edge < thickness
    case .partial: edge == 0 || Double(side - row) <= fraction * Double(side)
    case .arrived: true
    case .repaired: column <= row
    case .rebuilt: edge < max(2, side / 4) || edge >= (side - thickness) / 2
    }
  }
}
