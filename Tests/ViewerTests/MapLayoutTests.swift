import Testing
import Viewer

struct MapLayoutTests {
  private static let areas = [
    PixelSize(width: 1, height: 1), PixelSize(width: 100, height: 9), PixelSize(width: 920, height: 380),
    PixelSize(width: 3800, height: 1900),
  ]

  /// Every chunk has one cell, in order, and every cell has a chunk and lies in the area.
  @Test(arguments: [1, 2, 99, 20_000, 1_000_003] as [UInt64])
  func everyChunkHasACell(count: UInt64) {
    for area in Self.areas {
      let layout = MapLayout(chunks: 7..<7 + count, area: area)
      var next: UInt64 = 7
      for cell in 0..<layout.cellCount {
        let chunks = layout.chunks(ofCell: cell)
        #expect(chunks.lowerBound == next && !chunks.isEmpty)
        next = chunks.upperBound
      }
      #expect(next == 7 + count)
      let last = layout.corner(ofCell: layout.cellCount - 1)
      #expect(last.x + layout.side <= max(area.width, layout.side))
      #expect(last.y + layout.side <= max(area.height, layout.side))
      #expect(layout.size.height >= last.y + layout.side && layout.size.width >= last.x + layout.side)
    }
  }

  @Test func cellsAreAsLargeAsFits() {
    let area = PixelSize(width: 920, height: 380)
    #expect(MapLayout(chunks: 0..<100, area: area).side == MapLayout.sides[0])
    let many = MapLayout(chunks: 0..<1_000_000, area: area)
    #expect(many.side == MapLayout.sides.last && many.scale == "a cell is \(many.chunksPerCell) chunks")
    #expect(many.cellCount > many.columns * (many.rows - 1), "the area is used")
    #expect(MapLayout(chunks: 0..<100, area: area).scale == "a cell is 1 chunk")
    #expect(MapLayout(chunks: 5..<5, area: area).cellCount == 0)
  }
}
