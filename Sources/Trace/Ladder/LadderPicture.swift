package import Figures

/// A ladder diagram as SVG: two vertical lines, one of the sender and one of the receiver, and an arrow for
/// each datagram, or for a row of equal ones.
package struct LadderPicture {
  private static let labelGap = 62.0
  private static let badgeLimit = 4

  let ladder: Ladder
  let stories: LadderStories
  let selection: LadderSelection
  let frame: LadderFrame
  private let text: LadderText
  let layout: LadderLayout
  var drawing = SVGDrawing()

  /// Throws `cannotPlot` when the ladder has nothing of what the view names.
  package init(_ ladder: Ladder, _ view: LadderView) throws(FigureError) {
    try self.init(ladder, view, .alone)
  }

  /// A picture, or a part of one, where `frame` says.
  init(_ ladder: Ladder, _ view: LadderView, _ frame: LadderFrame) throws(FigureError) {
    self.ladder = ladder
    self.frame = frame
    stories = LadderStories(ladder.datagrams)
    guard let selection = LadderSelection(view, ladder, stories, marked: frame.mark?.index) else {
      throw .cannotPlot(reason: view.emptiness)
    }
    self.selection = selection
    let text = LadderText(ladder: ladder, stories: stories)
    self.text = text
    layout = LadderLayout(
      selection.runs, ladder.datagrams, labelsArrival: { text.arrivalLabel($0) != nil },
      top: frame.top + 24)
  }

  /// The SVG file.
  package mutating func document() -> String {
    drawing = SVGDrawing()
    let end = draw()
    return drawing.document(
      width: frame.width, height: end, title: "Ladder of a session: \(title)", description: description)
  }

  /// Draws everything. Returns where the picture ends.
  mutating func draw() -> Double {
    drawHead()
    drawMark()
    for (number, run) in selection.runs.enumerated() { draw(run, layout.places[number]) }
    return drawFoot()
  }

  // MARK: A run

  /// The stories of a run: several where one NACK asks for chunks of several.
  func numbers(_ run: LadderRun) -> [Int] {
    run.indices.first.flatMap { stories.askers[$0] } ?? run.story.map { [$0] } ?? []
  }

  private mutating func draw(_ run: LadderRun, _ place: LadderLayout.Place) {
    let from = run.isFromSender ? frame.senderX : frame.receiverX
    let to = run.isFromSender ? frame.receiverX : frame.senderX
    let stroke = LadderLook.stroke(run.likeness)
    let start = SVGPoint(from, place.firstDeparture)
    let loss = run.likeness?.loss
    // A run of many fills the space between its first arrow and its last.
    if let first = place.firstArrival, run.indices.count > 1 {
      let end = SVGPoint(to, place.lastArrival ?? first)
      let lower = SVGPoint(from, place.lastDeparture)
      drawing.polygon(
        [start, SVGPoint(to, first), end, lower], fill: stroke.color,
        opacity: run.likeness?.name == "data" ? 0.14 : 0.06)
      arrow(lower, end, stroke, loss)
    }
    if place.lastDeparture > place.firstDeparture {
      drawing.line(start, SVGPoint(from, place.lastDeparture), SVGDrawing.Stroke(stroke.color, width: 5))
    }
    let end = SVGPoint(to, place.firstArrival ?? start.y + (loss == nil ? 0 : 14))
    if place.knowsDeparture || loss != nil {
      arrow(start, end, stroke, loss, isKnown: place.firstArrival != nil || loss != nil)
    } else {
      // Only the arrival is known: it stands at the other line.
      arrow(start, SVGPoint(to, start.y), stroke, nil)
    }
    for (place, story) in numbers(run).prefix(Self.badgeLimit).enumerated() {
      badge(story + 1, start.towards(end, 0.07 + 0.06 * Double(place)), LadderLook.color(story: story))
    }
    label(run, place)
  }

  private mutating func arrow(
    _ start: SVGPoint, _ end: SVGPoint, _ stroke: SVGDrawing.Stroke, _ loss: LadderDatagram.Loss?,
    isKnown: Bool = true
  ) {
    guard isKnown else {
      drawing.line(start, start.towards(end, 0.75), stroke)
      drawing.text(
        "?", start.towards(SVGPoint(end.x, end.y + 4), 0.78), anchor: .middle, color: LadderLook.faint)
      return
    }
    let part: Double =
      switch loss {
      case nil: 1
      case .leaving: 0.2
      case .underway: 0.5
      case .arriving, .damaged: 0.9
      }
    let tip = start.towards(end, part)
    drawing.line(start, tip, stroke)
    if loss == nil { head(tip, from: start, stroke.color) } else { cross(tip, stroke.color) }
  }

  private mutating func head(_ tip: SVGPoint, from start: SVGPoint, _ color: String) {
    let length = ((tip.x - start.x) * (tip.x - start.x) + (tip.y - start.y) * (tip.y - start.y)).squareRoot()
    guard length > 0 else { return }
    let along = SVGPoint((tip.x - start.x) / length, (tip.y - start.y) / length)
    let base = SVGPoint(tip.x - along.x * 9, tip.y - along.y * 9)
    drawing.polygon(
      [
        tip, SVGPoint(base.x - along.y * 4, base.y + along.x * 4),
        SVGPoint(base.x + along.y * 4, base.y - along.x * 4),
      ], fill: color)
  }

  mutating func cross(_ at: SVGPoint, _ color: String) {
    let stroke = SVGDrawing.Stroke(color, width: 3)
    drawing.line(SVGPoint(at.x - 6, at.y - 6), SVGPoint(at.x + 6, at.y + 6), stroke)
    drawing.line(SVGPoint(at.x - 6, at.y + 6), SVGPoint(at.x + 6, at.y - 6), stroke)
  }

  mutating func badge(_ number: Int, _ at: SVGPoint, _ color: String) {
    drawing.circle(at, radius: 8, fill: "#FFFFFF", SVGDrawing.Stroke(color, width: 2))
    drawing.text("\(number)", SVGPoint(at.x, at.y + 3.5), anchor: .middle, size: 10, isBold: true)
  }

  // MARK: Labels

  private mutating func label(_ run: LadderRun, _ place: LadderLayout.Place) {
    let members = run.indices.map { ladder.datagrams[$0] }
    let isStory = run.story != nil
    let first = members.first?.firstAt ?? 0
    side(
      run.isFromSender, y: place.firstDeparture, time: first, text.label(run), isBold: isStory,
      isFaint: run.likeness == nil)
    guard let arrival = place.firstArrival, let words = text.arrivalLabel(run) else { return }
    let time = members.compactMap { $0.arrivedAt ?? $0.lostAt }.min() ?? first
    side(!run.isFromSender, y: arrival, time: time, words, isBold: isStory, isFaint: false)
  }

  /// The time stands beside the line, and the words beyond it.
  private mutating func side(
    _ isSender: Bool, y: Double, time: Double, _ words: String, isBold: Bool, isFaint: Bool
  ) {
    let x = isSender ? frame.senderX : frame.receiverX
    let sign = isSender ? -1.0 : 1.0
    let anchor = isSender ? SVGDrawing.Anchor.end : .start
    drawing.text(
      HumanText.fixed(time, timeDigits), SVGPoint(x + sign * 10, y + 4), anchor: anchor, size: 11,
      color: LadderLook.faint)
    drawing.text(
      words, SVGPoint(x + sign * Self.labelGap, y + 4), anchor: anchor,
      color: isFaint ? LadderLook.faint : PlotColor.black.rawValue, isBold: isBold)
  }

  private var timeDigits: Int {
    let length = ladder.span.upperBound - ladder.span.lowerBound
    return length < 1_000 ? 2 : length < 100_000 ? 1 : 0
  }
}

extension LadderView {
  fileprivate var emptiness: String {
    switch self {
    case .firstLoss: "the trace has no datagram"
    case .chunk(let chunk): "the trace has no chunk \(chunk)"
    case .times: "the trace has no datagram in this time"
    }
  }
}
