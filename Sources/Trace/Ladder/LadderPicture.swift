package import Figures

/// A ladder diagram as SVG: two vertical lines, one of the sender and one of the receiver, and an arrow for
/// each datagram, or for a row of equal ones.
package struct LadderPicture {
  private static let width = 1_140.0
  private static let senderX = 400.0
  private static let receiverX = 720.0
  private static let labelGap = 62.0
  private static let top = 118.0
  private static let lineHeight = 17.0
  /// Columns of the sentences under the picture.
  private static let textColumns = 140
  /// Stories with sentences.
  private static let storyLimit = 5
  private static let badgeLimit = 4

  private let ladder: Ladder
  private let stories: LadderStories
  private let selection: LadderSelection
  private let text: LadderText
  private let layout: LadderLayout
  private var drawing = SVGDrawing()

  /// Throws `cannotPlot` when the ladder has nothing of what the view names.
  package init(_ ladder: Ladder, _ view: LadderView) throws(FigureError) {
    self.ladder = ladder
    stories = LadderStories(ladder.datagrams)
    guard let selection = LadderSelection(view, ladder, stories) else {
      throw .cannotPlot(reason: view.emptiness)
    }
    self.selection = selection
    let text = LadderText(ladder: ladder, stories: stories)
    self.text = text
    layout = LadderLayout(
      selection.runs, ladder.datagrams, labelsArrival: { text.arrivalLabel($0) != nil }, top: Self.top + 24)
  }

  /// The SVG file.
  package mutating func document() -> String {
    drawing = SVGDrawing()
    drawHead()
    for (number, run) in selection.runs.enumerated() { draw(run, layout.places[number]) }
    let end = drawFoot()
    return drawing.document(
      width: Self.width, height: end, title: "Ladder of a session: \(title)",
      description: told.map(\.text).joined(separator: " "))
  }

  private var title: String {
    "\(ladder.session.mode), \(HumanText.grouped(ladder.session.fileCount, "file")) "
      + "in \(HumanText.grouped(ladder.session.chunkCount, "chunk"))"
  }

  // MARK: Around the arrows

  private mutating func drawHead() {
    drawing.text(
      "Each datagram between sender and receiver: \(title)", SVGPoint(16, 26), size: 16, isBold: true)
    let rule =
      selection.focus == nil
      ? "equal datagrams in a row share one arrow" : "what is not of this story is gathered"
    drawing.text(
      "Time runs down, in ms since the session began; long waits are shortened. Here \(rule).",
      SVGPoint(16, 46),
      color: LadderLook.axis)
    drawLegend(y: 68)
    for (x, name, isKnown) in [
      (Self.senderX, "sender", ladder.hasSender), (Self.receiverX, receiverName, ladder.hasReceiver),
    ] {
      drawing.text(
        isKnown ? name : "\(name) (no trace)", SVGPoint(x, Self.top - 8), anchor: .middle, size: 14,
        isBold: true)
      drawing.line(
        SVGPoint(x, Self.top), SVGPoint(x, layout.bottom + 30),
        SVGDrawing.Stroke(LadderLook.axis, width: 2, dashes: isKnown ? nil : "6 5"))
    }
    drawLeftOut(selection.earlierCount, "earlier", y: Self.top + 8)
    drawLeftOut(selection.laterCount, "later", y: layout.bottom + 28)
  }

  private var receiverName: String {
    ladder.receiverCount > 1 ? "\(ladder.receiverCount) receivers" : "receiver"
  }

  private mutating func drawLeftOut(_ count: Int, _ word: String, y: Double) {
    guard count > 0 else { return }
    drawing.text(
      "⋮ \(HumanText.grouped(count, "\(word) datagram")) left out",
      SVGPoint((Self.senderX + Self.receiverX) / 2, y), anchor: .middle, color: LadderLook.faint)
  }

  private mutating func drawLegend(y: Double) {
    var x = 16.0
    for kind in LadderLook.kinds {
      drawing.line(SVGPoint(x, y - 4), SVGPoint(x + 34, y - 4), LadderLook.stroke(kind.likeness))
      drawing.text(kind.name, SVGPoint(x + 40, y))
      x += 60 + 7.2 * Double(kind.name.count)
    }
    cross(SVGPoint(x + 8, y - 4), LadderLook.axis)
    drawing.text("lost here", SVGPoint(x + 20, y))
    badge(1, SVGPoint(x + 108, y - 4), LadderLook.axis)
    drawing.text("one number, one colour: a loss, its NACKs, its repair", SVGPoint(x + 122, y))
  }

  /// The stories of the runs that are drawn, with their sentences.
  private var told: [(number: Int, text: String)] {
    var shown = selection.subject.map { [$0] } ?? []
    if selection.focus == nil {
      shown += Set(selection.runs.flatMap(numbers)).subtracting(shown).sorted()
    }
    return shown.prefix(Self.storyLimit).sorted().map { story in
      let datagrams = stories.members[story].map { ladder.datagrams[$0] }
      return (story, LadderStoryText(datagrams, knowsSender: ladder.hasSender).text)
    }
  }

  /// The stories of a run: several where one NACK asks for chunks of several.
  private func numbers(_ run: LadderRun) -> [Int] {
    run.indices.first.flatMap { stories.askers[$0] } ?? run.story.map { [$0] } ?? []
  }

  /// Returns where the picture ends.
  private mutating func drawFoot() -> Double {
    var y = layout.bottom + 62
    for (number, text) in told {
      badge(number + 1, SVGPoint(24, y - 4), LadderLook.color(story: number))
      for line in Self.wrapped(text, columns: Self.textColumns) {
        drawing.text(line, SVGPoint(42, y), size: 13)
        y += Self.lineHeight
      }
      y += 6
    }
    var remarks: [String] = []
    if ladder.otherCount > 0 {
      remarks.append("\(HumanText.grouped(ladder.otherCount, "datagram")) of other receivers left out.")
    }
    if !(ladder.hasSender && ladder.hasReceiver) {
      let missing = ladder.hasSender ? "receiver" : "sender"
      remarks.append(
        "Without the \(missing)'s trace this picture does not know which datagrams were lost on the way, "
          + "and when the others arrived."
      )
    }
    for remark in remarks {
      drawing.text(remark, SVGPoint(16, y), color: LadderLook.faint)
      y += Self.lineHeight
    }
    return y + 4
  }

  static func wrapped(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < columns {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  // MARK: A run

  private mutating func draw(_ run: LadderRun, _ place: LadderLayout.Place) {
    let from = run.isFromSender ? Self.senderX : Self.receiverX
    let to = run.isFromSender ? Self.receiverX : Self.senderX
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

  private mutating func cross(_ at: SVGPoint, _ color: String) {
    let stroke = SVGDrawing.Stroke(color, width: 3)
    drawing.line(SVGPoint(at.x - 6, at.y - 6), SVGPoint(at.x + 6, at.y + 6), stroke)
    drawing.line(SVGPoint(at.x - 6, at.y + 6), SVGPoint(at.x + 6, at.y - 6), stroke)
  }

  private mutating func badge(_ number: Int, _ at: SVGPoint, _ color: String) {
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
    let x = isSender ? Self.senderX : Self.receiverX
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
