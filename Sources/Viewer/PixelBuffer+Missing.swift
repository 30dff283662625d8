/// The part of a picture whose coded blocks have not arrived.
extension PixelBuffer {
  /// Where the blocks that are here end: all rows above `row` are here, and of the row of blocks that begins
  /// there the first `columns` pixels.
  package struct End: Equatable {
    package var row: Int
    package var columns: Int
    /// Pixels of the row of blocks that is begun.
    package var height: Int

    /// In a smaller picture of the same image. A row or column that is here in part counts as missing.
    func scaled(from size: PixelSize, to smaller: PixelSize) -> End {
      let top = row * smaller.height / size.height
      let bottom = ((row + height) * smaller.height + size.height - 1) / size.height
      return End(row: top, columns: columns * smaller.width / size.width, height: bottom - top)
    }
  }

  /// The decoder fills blocks without data with middle grey. Finds the last block that is not grey; nil if
  /// that is the last block of all. `block` is the size of a coded block in these pixels.
  package borrowing func missingBlocks(of block: PixelSize) -> End? {
    let columnCount = (size.width + block.width - 1) / block.width
    let rowCount = (size.height + block.height - 1) / block.height
    for row in (0..<rowCount).reversed() {
      for column in (0..<columnCount).reversed() where !isGrey(row, column, block) {
        if row == rowCount - 1, column == columnCount - 1 { return nil }
        return End(
          row: row * block.height, columns: min(size.width, (column + 1) * block.width), height: block.height)
      }
    }
    return End(row: 0, columns: 0, height: 0)
  }

  /// Draws a hatch where blocks are missing: no picture looks like it.
  package mutating func hatch(_ end: End) {
    for y in end.row..<size.height {
      let first = y < end.row + end.height ? end.columns : 0
      for x in first..<max(first, size.width) { pixels[y * size.width + x] = Hatch.pixel(x: x, y: y) }
    }
  }

  /// Whether a block has no data. The decoder smooths colours over the edges of large blocks, so that the
  /// outermost pixels say nothing.
  private borrowing func isGrey(_ row: Int, _ column: Int, _ block: PixelSize) -> Bool {
    let inset = min(block.width, block.height) >= 6 ? 1 : 0
    let (left, top) = (column * block.width, row * block.height)
    let right = min(size.width, left + block.width)
    let bottom = min(size.height, top + block.height)
    for y in min(top + inset, bottom - 1)..<max(top + 1, bottom - inset) {
      for x in min(left + inset, right - 1)..<max(left + 1, right - inset)
      where pixels[y * size.width + x] & 0x00FF_FFFF != 0x0080_8080 {
        return false
      }
    }
    return true
  }
}

/// The pattern in place of what is missing: diagonal stripes.
package enum Hatch {
  /// In the order of `DecodedImage.pixels`.
  package static func pixel(x: Int, y: Int) -> UInt32 { (x + y) & 15 < 4 ? 0xFF5A_5C64 : 0xFF2A_2B30 }
}
