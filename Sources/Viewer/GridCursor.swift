/// The selected image of the grid, and how far the grid is scrolled. Knows only positions.
package struct GridCursor: Equatable, Sendable {
  package enum Move: Sendable, CaseIterable {
    case left, right, up, down, previousPage, nextPage, first, last
  }

  /// In 0 ..< the layout's count; 0 if the grid is empty.
  package private(set) var selected = 0
  /// Pixels above the area, in 0 ... the layout's limit.
  package private(set) var scroll = 0

  package init() {}

  /// Moves the selection and scrolls as little as shows all of it. At an edge the selection stays.
  package mutating func move(_ move: Move, in layout: GridLayout) {
    guard layout.count > 0 else { return }
    let last = layout.count - 1
    let page = layout.rowsPerPage * layout.columns
    let target =
      switch move {
      case .left: selected - 1
      case .right: selected + 1
      case .up: selected - layout.columns
      case .down: below(in: layout)
      case .previousPage: selected < page ? selected % layout.columns : selected - page
      case .nextPage: min(selected + page, last)
      case .first: 0
      case .last: last
      }
    if (0...last).contains(target) { selected = target }
    reveal(in: layout)
  }

  /// Selects a position, clamped, and scrolls as little as shows all of it.
  package mutating func select(_ position: Int, in layout: GridLayout) {
    selected = min(max(0, position), max(0, layout.count - 1))
    reveal(in: layout)
  }

  /// Scrolls by pixels; the selection stays where it is.
  package mutating func scroll(by distance: Int, in layout: GridLayout) {
    scroll = min(max(0, scroll + distance), layout.scrollLimit)
  }

  /// Follows a change of the layout or of the list: the image at the top stays at the top. `top` is the new
  /// position of the first visible image, `selected` that of the selected image.
  package mutating func follow(top: Int, selected: Int, from old: GridLayout, to new: GridLayout) {
    let isSelectionVisible = old.visible(scroll: scroll).contains(self.selected)
    let offset = scroll - old.top(ofRow: scroll / old.rowPitch)
    self.selected = min(max(0, selected), max(0, new.count - 1))
    scroll = new.top(ofRow: new.row(of: max(0, top))) + min(offset, new.rowPitch - 1)
    scroll = min(max(0, scroll), new.scrollLimit)
    if isSelectionVisible, old.area != new.area || old.thumbnail != new.thumbnail { reveal(in: new) }
  }

  /// The last row may be shorter: from the row above it one comes to its last image.
  private func below(in layout: GridLayout) -> Int {
    let below = selected + layout.columns
    let isInLastRow = layout.row(of: selected) == layout.rowCount - 1
    return isInLastRow ? selected : min(below, layout.count - 1)
  }

  private mutating func reveal(in layout: GridLayout) {
    let top = layout.top(ofRow: layout.row(of: selected))
    let bottom = top + layout.rowPitch + layout.gap
    if top < scroll { scroll = top }
    if bottom > scroll + layout.area.height { scroll = min(top, bottom - layout.area.height) }
    scroll = min(max(0, scroll), layout.scrollLimit)
  }
}
