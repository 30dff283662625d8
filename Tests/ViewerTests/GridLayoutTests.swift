import Testing
import Viewer

struct GridLayoutTests {
  private static let areas = [
    PixelSize(width: 1, height: 1), PixelSize(width: 160, height: 90), PixelSize(width: 960, height: 690),
    PixelSize(width: 3840, height: 2100),
  ]

  private static func layouts(count: Int) -> [GridLayout] {
    areas.flatMap { area in
      GridLayout.magnifications.indices.map {
        GridLayout(count: count, area: area, textHeight: 16, magnification: $0)
      }
    }
  }

  @Test(arguments: [0, 1, 7, 100])
  func cellsStandApartAndWithinTheGrid(count: Int) {
    for layout in Self.layouts(count: count) {
      #expect(
        layout.rowCount * layout.columns >= count && (layout.rowCount - 1) * layout.columns < max(1, count))
      for position in 0..<count {
        let frame = layout.frame(of: position)
        #expect(frame.x >= layout.gap && frame.y >= layout.gap)
        #expect(frame.y + frame.size.height + layout.captionHeight <= layout.contentHeight)
        if position % layout.columns > 0 {
          let left = layout.frame(of: position - 1)
          #expect(frame.x >= left.x + left.size.width + layout.gap)
        }
      }
    }
  }

  /// Four columns of thumbnails fill a usual window, whatever remains.
  @Test func aUsualWindowHasFourColumns() {
    let layout = GridLayout(count: 20, area: PixelSize(width: 960, height: 690), textHeight: 16)
    #expect(layout.columns == 4)
    let last = layout.frame(of: 3)
    #expect(960 - last.x - last.size.width < layout.gap + 4)
  }

  @Test func visibleAreAllCellsInTheArea() {
    for layout in Self.layouts(count: 100) {
      for scroll in [0, layout.scrollLimit / 3, layout.scrollLimit] {
        let visible = layout.visible(scroll: scroll)
        for position in 0..<100 {
          let frame = layout.frame(of: position)
          let isInside = frame.y < scroll + layout.area.height && frame.y + frame.size.height > scroll
          #expect(!isInside || visible.contains(position))
        }
        #expect(visible.count <= layout.columns * (layout.area.height / layout.rowPitch + 2))
      }
    }
    #expect(Self.layouts(count: 0).allSatisfy { $0.visible(scroll: 0).isEmpty })
  }

  @Test func aClickFindsItsImage() {
    let layout = GridLayout(count: 10, area: PixelSize(width: 960, height: 690), textHeight: 16)
    for position in 0..<10 {
      let frame = layout.frame(of: position)
      #expect(layout.position(atX: frame.x, y: frame.y - 40, scroll: 40) == (frame.y >= 40 ? position : nil))
      #expect(layout.position(atX: frame.x + 5, y: frame.y + frame.size.height + 3, scroll: 0) == position)
      #expect(layout.position(atX: frame.x - 1, y: frame.y, scroll: 0) == nil, "beside it")
    }
    let last = layout.frame(of: 9)
    #expect(layout.position(atX: last.x + last.size.width + layout.gap + 1, y: last.y, scroll: 0) == nil)
    #expect(layout.position(atX: -5, y: -5, scroll: 0) == nil)
  }
}
