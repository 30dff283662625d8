import Testing
import Viewer

struct GridCursorTests {
  /// Three columns of two or three visible rows.
  private func layout(count: Int, height: Int = 500) -> GridLayout {
    let layout = GridLayout(
      count: count, area: PixelSize(width: 640, height: height), textHeight: 12, magnification: 3)
    #expect(layout.columns == 3)
    return layout
  }

  private func cursor(at position: Int, _ layout: GridLayout) -> GridCursor {
    var cursor = GridCursor()
    cursor.select(position, in: layout)
    return cursor
  }

  @Test(
    arguments: [
      (4, .left, 3), (4, .right, 5), (4, .up, 1), (4, .down, 7), (0, .left, 0), (1, .up, 1), (9, .right, 9),
      (9, .down, 9), (7, .down, 9), (8, .down, 9), (6, .down, 9), (4, .first, 0), (4, .last, 9),
      (1, .previousPage, 1), (8, .nextPage, 9),
    ] as [(Int, GridCursor.Move, Int)])
  func arrowsMove(from: Int, move: GridCursor.Move, to: Int) {
    let layout = layout(count: 10)
    var cursor = cursor(at: from, layout)
    cursor.move(move, in: layout)
    #expect(cursor.selected == to)
  }

  @Test func aPageIsTheRowsThatFit() {
    let layout = layout(count: 60)
    var cursor = cursor(at: 4, layout)
    let page = layout.rowsPerPage * 3
    cursor.move(.nextPage, in: layout)
    #expect(cursor.selected == 4 + page)
    cursor.move(.previousPage, in: layout)
    #expect(cursor.selected == 4)
  }

  /// After any move all of the selected image is in the area.
  @Test(arguments: GridCursor.Move.allCases)
  func theSelectionIsSeen(move: GridCursor.Move) {
    for count in [1, 2, 10, 61] {
      let layout = layout(count: count)
      for start in 0..<count {
        var cursor = cursor(at: start, layout)
        cursor.scroll(by: 100_000, in: layout)
        cursor.move(move, in: layout)
        let frame = layout.frame(of: cursor.selected)
        #expect(frame.y >= cursor.scroll)
        #expect(frame.y + frame.size.height <= cursor.scroll + layout.area.height)
        #expect((0...layout.scrollLimit).contains(cursor.scroll))
      }
    }
  }

  @Test func theWheelStopsAtBothEnds() {
    let layout = layout(count: 60)
    var cursor = GridCursor()
    cursor.scroll(by: -50, in: layout)
    #expect(cursor.scroll == 0)
    cursor.scroll(by: .max / 2, in: layout)
    #expect(cursor.scroll == layout.scrollLimit && cursor.selected == 0)
  }

  /// Images that come in front push the others back, and the row on top stays on top.
  @Test func imagesInFrontMoveNothingOnTheScreen() {
    let (old, new) = (layout(count: 60), layout(count: 63))
    var cursor = cursor(at: 31, old)
    let top = old.visible(scroll: cursor.scroll).lowerBound
    let before = old.frame(of: 31).y - cursor.scroll
    cursor.follow(top: top + 3, selected: 34, from: old, to: new)
    #expect(cursor.selected == 34 && new.frame(of: 34).y - cursor.scroll == before)
  }

  @Test func aSmallerGridStillShowsTheSelection() {
    let (old, new) = (layout(count: 60), layout(count: 60, height: 250))
    var cursor = cursor(at: 59, old)
    cursor.follow(top: old.visible(scroll: cursor.scroll).lowerBound, selected: 59, from: old, to: new)
    #expect(new.visible(scroll: cursor.scroll).contains(59))
    cursor.follow(top: 0, selected: 59, from: new, to: layout(count: 0))
    #expect(cursor.selected == 0 && cursor.scroll == 0)
    cursor.move(.down, in: layout(count: 0))
    #expect(cursor.selected == 0)
  }
}
