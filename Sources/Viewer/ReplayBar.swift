#if Viewer
import CSDL2

/// The lower end of a replay's frame: what the datagram did, and the time line with its NACKs.
struct ReplayBar {
  private let line: String
  /// What the first of two runs' last datagram did.
  let firstLine: String
  private let difference: Double?
  /// Parts of the run, in [0, 1].
  private let position: Double
  private let nacks: [Double]

  init(_ player: ReplayPlayer, line: String) {
    self.line = player.recording.comparison ?? line
    firstLine = line
    let length = max(player.recording.seconds, .leastNonzeroMagnitude)
    position = min(1, player.seconds / length)
    difference = player.recording.difference.map { min(1, max(0, $0.seconds / length)) }
    nacks = player.recording.nackSeconds.map { min(1, max(0, $0 / length)) }
  }

  static func height(textHeight: Int) -> Int { textHeight * 7 / 2 }

  /// The part of the run at a place of the window; nil beside the time line. Hands are not exact: the line of
  /// text above it counts too.
  static func fraction(atX x: Int, y: Int, strips: Strips, in size: PixelSize) -> Double? {
    let textHeight = strips.textHeight(in: size)
    let bottom = strips.captionHeight(in: size) + strips.room(in: size).height
    guard y >= bottom - height(textHeight: textHeight), y < bottom else { return nil }
    let left = textHeight + TrafficScene.labelWidth(textHeight: textHeight)
    return min(1, max(0, Double(x - left) / Double(max(1, size.width - textHeight - left))))
  }

  func draw(x: Int, y: Int, width: Int, textHeight: Int, on canvas: Canvas) {
    canvas.text(line, x: x, y: y, height: textHeight * 9 / 8, width: width, canvas.palette.text)
    // It stands under the strip: for a short run both have one time axis.
    let label = TrafficScene.labelWidth(textHeight: textHeight)
    let (x, width) = (x + label, max(1, width - label))
    canvas.text(
      "time", x: x - label, y: y + textHeight * 15 / 8, height: textHeight, width: label,
      canvas.palette.quietText)
    let top = Int32(y + textHeight * 2)
    let height = Int32(max(4, textHeight * 2 / 3))
    let track = SDL_Rect(x: Int32(x), y: top, w: Int32(width), h: height)
    canvas.fill(track, canvas.palette.barTrack)
    canvas.fill(
      SDL_Rect(x: track.x, y: top, w: Int32(Double(width) * position), h: height), canvas.palette.bar)
    var last: Int32 = -1
    for nack in nacks {
      let place = track.x + Int32(Double(width - 2) * nack)
      guard place != last else { continue }
      last = place
      canvas.fill(SDL_Rect(x: place, y: top - height / 3, w: 2, h: height / 2), canvas.palette.asked)
    }
    if let difference {
      // A triangle that stands on the time line: a shape of its own.
      let place = track.x + Int32(Double(width - 2) * difference)
      for row in 0..<height {
        canvas.fill(
          SDL_Rect(x: place - row / 2, y: top + height + row, w: row + 2, h: 1), canvas.palette.lost)
      }
    }
    let handle = track.x + Int32(Double(width - 1) * position)
    canvas.fill(SDL_Rect(x: handle - 2, y: top - height / 2, w: 5, h: height * 2), canvas.palette.text)
  }
}
#endif
