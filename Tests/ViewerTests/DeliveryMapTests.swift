import Testing
import Viewer

struct DeliveryMapTests {
  private func counts(
    _ total: UInt64, _ arrived: UInt64, repaired: UInt64 = 0, rebuilt: UInt64 = 0, asked: UInt64 = 0
  ) -> DeliveryMap.Counts {
    var counts = DeliveryMap.Counts(total: total, arrived: arrived)
    counts.repaired = repaired
    counts.rebuilt = rebuilt
    counts.asked = asked
    return counts
  }

  @Test func aCellShowsWhatAsksForAttention() {
    #expect(CellState(counts(1, 0)) == .missing)
    #expect(CellState(counts(1, 0, asked: 1)) == .asked)
    #expect(CellState(counts(1, 1)) == .arrived)
    #expect(CellState(counts(1, 1, repaired: 1)) == .repaired)
    #expect(CellState(counts(1, 1, rebuilt: 1)) == .rebuilt)
    #expect(CellState(counts(9, 4, repaired: 1)) == .partial)
    #expect(CellState(counts(9, 8, repaired: 3, asked: 1)) == .asked)
    #expect(counts(3, 5).missing == 0)
  }

  /// Without colours: no two states draw the same pixels, at any size of a cell.
  @Test(arguments: MapLayout.sides)
  func eachStateHasAShape(side: Int) {
    let shapes = CellState.allCases.map { state in
      var cell = CellPixels(size: PixelSize(width: side, height: side))
      cell.draw(state, atX: 0, y: 0, side: side, fraction: 0.4)
      return cell.pixels.map { $0 != 0 }
    }
    #expect(Set(shapes).count == CellState.allCases.count)
    #expect(shapes.allSatisfy { $0.contains(true) })
    #expect(Set(CellState.allCases.map(\.word)).count == CellState.allCases.count)
  }

  @Test(arguments: [0, 1, 4_096, 10_000] as [UInt64])
  func theTotalsAreThoseOfAllPieces(count: UInt64) {
    let map = DeliveryMap(
      chunkCount: count, fileCount: 0, file: { _ in .init(name: "", chunks: 0..<0) },
      counts: { chunks in
        #expect(chunks.count <= Int(DeliveryMap.countLimit))
        var counts = DeliveryMap.Counts(
          total: UInt64(chunks.count), arrived: UInt64(chunks.count { $0 % 2 == 0 }))
        counts.asked = counts.missing
        return counts
      })
    let totals = map.totals
    #expect(totals.total == count && totals.arrived == (count + 1) / 2 && totals.asked == count / 2)
  }

  @Test func cellsBeyondThePictureAreCut() {
    var cells = CellPixels(size: PixelSize(width: 10, height: 10))
    cells.draw(.arrived, atX: -5, y: 7, side: 9)
    cells.draw(.arrived, atX: 100, y: -100, side: 9)
    #expect(cells.pixels.count == 100 && cells.pixels[7 * 10] != 0 && cells.pixels[5] == 0)
  }
}
