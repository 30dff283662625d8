/// The part of a picture whose coded blocks have not arrived.
extension PixelBuffer {
  /// Where the blocks that are here end: all rows above `row` are here, and of the row of blocks that begins
  /// there the first `columns` pixels.
  package struct End: Equatable {
    package var row: Int
    package var columns: Int
    /// Pixels of the row of blocks that is begun.
    package var height: Int
  }

  /// The decoder fills blocks without data with middle grey. Finds where grey blocks without end begin; nil
  /// if none do. `block` is the size of a coded block in these pixels.
  package borrowing func missingBlocks(of block: PixelSize) -> End? {
    var row = size.height
    while row > 0, isGrey(row: row - 1, from: 0) { row -= 1 }
    let begun = max(0, row - 1) / block.height * block.height
    let end = min(size.height, begun + block.height)
    // The last row of blocks is begun: its grey blocks at the right are missing.
    var columns = size.width
    while columns > 0 {
      let first = (columns - 1) / block.width * block.width
      guard (begun..<end).allSatisfy({ isGrey(row: $0, from: first, to: columns) }) else { break }
      columns = first
    }
    if row == 0 { return End(row: 0, columns: 0, height: 0) }
    if end == size.height, columns == size.width { return nil }
    return End(row: begun, columns: columns, height: end - begun)
  }

  /// Draws a hatch where blocks are missing: no picture looks like it.
  package mutating func hatch(_ end: End) {
    for y in end.row..<size.height {
      let first = y < end.row + end.height ? end.columns : 0
      for x in first..<max(first, size.width) { pixels[y * size.width + x] = Hatch.pixel(x: x, y: y) }
    }
  }

  private borrowing func isGrey(row: Int, from first: Int, to end: Int? = nil) -> Bool {
    let start = row * size.width
    for x in first..<(end ?? size.width) where pixels[start + x] & 0x00FF_FFFF != 0x0080_8080 {
      return false
    }
    return true
  }
}

/// The pattern in place of what is missing: diagonal stripes.
package enum Hatch {
  /// In the order of `DecodedImage.pixels`.
  package static func pixel(x: Int, y: Int) -> UInt32 { (x + y) & 15 < 4 ? 0xFF5A_5C64 : 0xFF2A_2B30 }
}
