package import Figures

/// The ladders of two sessions beside each other, with the first difference marked.
package struct LadderPair {
  private static let width = 1_920.0

  private let names: [String]
  private let ladders: [Ladder]
  /// Nil when the sessions do not differ.
  package let divergence: LadderDivergence?
  private var pictures: [LadderPicture]

  /// `names` tell the two apart. Throws `cannotPlot` when a ladder has nothing of what the view names.
  package init(
    _ first: Ladder, _ second: Ladder, names: (String, String), _ view: LadderView
  ) throws(FigureError) {
    ladders = [first, second]
    self.names = [names.0, names.1]
    let divergence = LadderDivergence(first, second)
    self.divergence = divergence
    let (one, other) = (
      divergence?.first.map { first.datagrams[$0] }, divergence?.second.map { second.datagrams[$0] }
    )
    pictures = [
      try LadderPicture(
        first, view,
        .part(0, name: names.0, mark: divergence?.mark(in: first, divergence?.first, other: other))),
      try LadderPicture(
        second, view,
        .part(1, name: names.1, mark: divergence?.mark(in: second, divergence?.second, other: one))),
    ]
  }

  /// The SVG file.
  package mutating func document() -> String {
    pictures[0].drawing.text(
      "Two sessions beside each other: each datagram between sender and receiver", SVGPoint(16, 26), size: 16,
      isBold: true)
    pictures[0].drawing.text(
      "\(LadderPicture.timeRule) \(sentence)", SVGPoint(16, 46), color: LadderLook.axis)
    pictures[0].drawLegend(y: 68)
    let first = pictures[0].draw()
    pictures[1].drawing = pictures[0].drawing
    let height = max(first, pictures[1].draw())
    var drawing = pictures[1].drawing
    drawing.line(
      SVGPoint(Self.width / 2, 78), SVGPoint(Self.width / 2, height - 8),
      SVGDrawing.Stroke(LadderLook.faint, width: 1))
    return drawing.document(
      width: Self.width, height: height, title: "Ladders of two sessions: \(names.joined(separator: ", "))",
      description: ([sentence] + pictures.map(\.description)).joined(separator: " "))
  }

  /// What differs first.
  package var sentence: String {
    guard let divergence else {
      return "No difference in what was sent, asked for, lost and repaired."
    }
    let fates = zip([divergence.first, divergence.second], ladders).map { index, ladder in
      index.map { Self.fate(ladder.datagrams[$0]) } ?? "there is none"
    }
    return "First difference: \(divergence.kind), number \(divergence.number) of its kind. "
      + zip(names, fates).map { "\($0): \($1)" }.joined(separator: "; ") + "."
  }

  private static func fate(_ datagram: LadderDatagram) -> String {
    let chunks = datagram.ranges.isEmpty ? datagram.chunk.map { [$0...$0] } ?? [] : datagram.ranges
    let what =
      chunks.isEmpty ? "" : (datagram.ranges.isEmpty ? "" : "asks for ") + LadderText.chunks(chunks) + ", "
    switch datagram.loss {
    case nil: return what + (datagram.arrivedAt == nil ? "not lost" : "arrived")
    case .leaving: return what + "dropped on purpose when it left"
    case .underway: return what + "lost on the way"
    case .arriving: return what + "dropped on purpose when it arrived"
    case .damaged: return what + "damaged"
    }
  }
}
