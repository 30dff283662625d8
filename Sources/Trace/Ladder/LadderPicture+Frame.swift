import Figures

/// Where a ladder stands in a picture: alone, or beside another one.
struct LadderFrame {
  /// What shows where two sessions differ.
  struct Mark {
    /// The datagram in the ladder.
    var index: Int
    /// The session has no such datagram: it would stand behind this one.
    var isAbsent: Bool
  }

  static let alone = LadderFrame(
    left: 0, top: 118, width: 1_140, senderX: 400, receiverX: 720, textColumns: 140)
  /// The width of each of two.
  private static let partWidth = 960.0

  var left: Double
  /// Where the two lines begin.
  var top: Double
  var width: Double
  var senderX: Double
  var receiverX: Double
  /// Of the sentences under the picture.
  var textColumns: Int
  /// Names the session beside another one.
  var name: String?
  var mark: Mark?

  /// The frame of the first or the second of two ladders.
  static func part(_ number: Int, name: String, mark: Mark?) -> LadderFrame {
    let left = Double(number) * partWidth
    return LadderFrame(
      left: left, top: 136, width: partWidth, senderX: left + 345, receiverX: left + 585, textColumns: 118,
      name: name,
      mark: mark)
  }
}

/// What stands around the arrows.
extension LadderPicture {
  private static let lineHeight = 17.0
  /// Stories with sentences.
  private static let storyLimit = 5

  var title: String {
    "\(ladder.session.mode), \(HumanText.grouped(ladder.session.fileCount, "file")) "
      + "in \(HumanText.grouped(ladder.session.chunkCount, "chunk"))"
  }

  /// What the picture tells in sentences.
  var description: String { told.map(\.text).joined(separator: " ") }

  mutating func drawHead() {
    let rule =
      selection.focus == nil
      ? "equal datagrams in a row share one arrow" : "what is not of this story is gathered"
    if let name = frame.name {
      drawing.text(name, SVGPoint(frame.left + 16, 92), size: 14, isBold: true)
      drawing.text("\(title); \(rule)", SVGPoint(frame.left + 16, 108), color: LadderLook.axis)
    } else {
      drawing.text(
        "Each datagram between sender and receiver: \(title)", SVGPoint(16, 26), size: 16, isBold: true)
      drawing.text("\(Self.timeRule) Here \(rule).", SVGPoint(16, 46), color: LadderLook.axis)
      drawLegend(y: 68)
    }
    for (x, name, isKnown) in [
      (frame.senderX, "sender", ladder.hasSender), (frame.receiverX, receiverName, ladder.hasReceiver),
    ] {
      drawing.text(
        isKnown ? name : "\(name) (no trace)", SVGPoint(x, frame.top - 8), anchor: .middle, size: 14,
        isBold: true)
      drawing.line(
        SVGPoint(x, frame.top), SVGPoint(x, layout.bottom + 30),
        SVGDrawing.Stroke(LadderLook.axis, width: 2, dashes: isKnown ? nil : "6 5"))
    }
    drawLeftOut(selection.earlierCount, "earlier", y: frame.top + 8)
    drawLeftOut(selection.laterCount, "later", y: layout.bottom + 28)
  }

  static let timeRule = "Time runs down, in ms since the session began; long waits are shortened."

  /// A band behind the datagram that the frame's mark is of, or behind which the other session has one.
  mutating func drawMark() {
    guard let mark = frame.mark,
      let number = selection.runs.firstIndex(where: { $0.indices.contains(mark.index) })
    else { return }
    let place = layout.places[number]
    let bottom = max(place.lastDeparture, place.lastArrival ?? place.firstArrival ?? 0)
    let (top, end) = mark.isAbsent ? (bottom + 1, bottom + 5) : (place.firstDeparture - 10, bottom + 9)
    let (left, right) = (frame.left + 6, frame.left + frame.width - 6)
    drawing.polygon(
      [SVGPoint(left, top), SVGPoint(right, top), SVGPoint(right, end), SVGPoint(left, end)],
      fill: LadderLook.mark)
    drawing.text(
      mark.isAbsent ? "the other session has one here" : "first difference", SVGPoint(right - 6, top + 14),
      anchor: .end, isBold: true)
  }

  private var receiverName: String {
    ladder.receiverCount > 1 ? "\(ladder.receiverCount) receivers" : "receiver"
  }

  private mutating func drawLeftOut(_ count: Int, _ word: String, y: Double) {
    guard count > 0 else { return }
    drawing.text(
      "⋮ \(HumanText.grouped(count, "\(word) datagram")) left out",
      SVGPoint((frame.senderX + frame.receiverX) / 2, y), anchor: .middle, color: LadderLook.faint)
  }

  mutating func drawLegend(y: Double) {
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

  /// Returns where the picture ends.
  mutating func drawFoot() -> Double {
    var y = layout.bottom + 62
    for (number, text) in told {
      badge(number + 1, SVGPoint(frame.left + 24, y - 4), LadderLook.color(story: number))
      for line in Self.wrapped(text, columns: frame.textColumns) {
        drawing.text(line, SVGPoint(frame.left + 42, y), size: 13)
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
      drawing.text(remark, SVGPoint(frame.left + 16, y), color: LadderLook.faint)
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
}
