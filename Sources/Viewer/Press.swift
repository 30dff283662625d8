/// A mouse button that is held: a click, or a drag once the mouse has moved.
package struct Press {
  /// Hands shake: a click may move by this many pixels.
  private static let tolerance = 5

  private let start: (x: Int, y: Int)
  package private(set) var last: (x: Int, y: Int)
  package private(set) var isDrag = false

  package init(at place: (x: Int, y: Int)) {
    start = place
    last = place
  }

  /// How far the mouse was dragged since the last call; nil while it is a click.
  package mutating func move(to place: (x: Int, y: Int)) -> (x: Int, y: Int)? {
    isDrag = isDrag || abs(place.x - start.x) > Self.tolerance || abs(place.y - start.y) > Self.tolerance
    guard isDrag else { return nil }
    defer { last = place }
    return (place.x - last.x, place.y - last.y)
  }
}
