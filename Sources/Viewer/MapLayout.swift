/// The cells of the map: how large they are, and which chunks each stands for. Knows only numbers.
package struct MapLayout: Equatable, Sendable {
  /// Sides of a cell with its gap, in pixels. In the smallest the shapes of the states can just be told
  /// apart.
  package static let sides = [24, 20, 16, 13, 11, 9]

  package let chunks: Range<UInt64>
  package let side: Int
  package let columns: Int
  package let rows: Int
  /// Chunks of each cell but the last, at least 1.
  package let chunksPerCell: UInt64
  package let cellCount: Int

  /// The largest cells with which all chunks fit into `area`, one each. If none do: the smallest cells, with
  /// as many chunks each as it takes.
  package init(chunks: Range<UInt64>, area: PixelSize) {
    self.chunks = chunks
    let count = UInt64(chunks.count)
    let fitting = Self.sides.first { side in
      UInt64(max(1, area.width / side)) * UInt64(max(1, area.height / side)) >= count
    }
    side = fitting ?? Self.sides[Self.sides.count - 1]
    columns = max(1, area.width / side)
    rows = max(1, area.height / side)
    let room = UInt64(columns * rows)
    chunksPerCell = max(1, (count + room - 1) / room)
    cellCount = Int((count + chunksPerCell - 1) / chunksPerCell)
  }

  /// The chunks of a cell, 0 ..< `cellCount`.
  package func chunks(ofCell cell: Int) -> Range<UInt64> {
    let first = chunks.lowerBound + UInt64(cell) * chunksPerCell
    return first..<min(chunks.upperBound, first + chunksPerCell)
  }

  /// The top left corner of a cell.
  package func corner(ofCell cell: Int) -> (x: Int, y: Int) {
    (cell % columns * side, cell / columns * side)
  }

  /// The pixels that the cells take.
  package var size: PixelSize {
    PixelSize(width: columns * side, height: (cellCount + columns - 1) / columns * side)
  }

  /// What a cell is, for people.
  package var scale: String {
    chunksPerCell == 1 ? "a cell is 1 chunk" : "a cell is \(chunksPerCell) chunks"
  }
}
