/// Which part of a session a ladder shows.
package enum LadderView: Equatable, Sendable {
  /// The first loss, and all that came of it.
  case firstLoss
  /// The same for a chunk.
  case chunk(UInt64)
  /// Milliseconds since the session began; nil for its beginning or its end.
  case times(from: Double?, to: Double?)
}

/// What of a ladder is drawn.
struct LadderSelection: Sendable {
  /// More rows fit no screen.
  static let runLimit = 40
  /// Datagrams before and behind a story that are shown with it.
  private static let margin = 12

  private(set) var runs: [LadderRun]
  /// Datagrams that are not drawn because they are earlier, or later.
  private(set) var earlierCount: Int
  private(set) var laterCount: Int
  /// The story that the view names. It is told first.
  private(set) var subject: Int?
  /// The same story when it is shown alone, with everything else gathered.
  private(set) var focus: Int?

  /// Nil when the ladder has nothing of the kind. `marked`: a datagram that has an arrow of its own, and
  /// around which the view is that names nothing.
  init?(_ view: LadderView, _ ladder: Ladder, _ stories: LadderStories, marked: Int? = nil) {
    let datagrams = ladder.datagrams
    switch view {
    case .times(let from, let to):
      let first = from ?? ladder.span.lowerBound
      let last = to ?? ladder.span.upperBound
      guard first <= last, datagrams.contains(where: { (first...last).contains($0.firstAt) }) else {
        return nil
      }
      self.init(datagrams, stories, first...last, focus: nil, marked)
    case .chunk(let chunk):
      if let story = stories.story(of: chunk, in: datagrams) {
        self.init(datagrams, stories, story: story, marked)
      } else if let index = datagrams.firstIndex(where: { $0.chunk == chunk && $0.type == "data" }) {
        self.init(datagrams, stories, around: index...index, focus: nil, marked)
      } else {
        return nil
      }
    case .firstLoss:
      guard !datagrams.isEmpty else { return nil }
      if let marked {
        if let story = stories.storyOf[marked] {
          self.init(datagrams, stories, story: story, marked)
        } else {
          self.init(datagrams, stories, around: marked...marked, focus: nil, marked)
        }
      } else if !stories.members.isEmpty {
        self.init(datagrams, stories, story: 0, nil)
      } else if let index = datagrams.firstIndex(where: \.isLost) {
        self.init(datagrams, stories, around: index...index, focus: nil, nil)
      } else {
        self.init(datagrams, stories, ladder.span, focus: nil, nil)
      }
    }
  }

  /// A story with as much around it as fits: the whole session, or from its beginning, or a few datagrams; in
  /// the last resort all others are gathered.
  private init(_ datagrams: [LadderDatagram], _ stories: LadderStories, story: Int, _ marked: Int?) {
    let members = stories.members[story]
    let last = members.map { datagrams[$0].lastAt }.max() ?? 0
    let first = members.first ?? 0
    let end = datagrams.lastIndex { $0.firstAt <= last } ?? first
    self.init(datagrams, stories, around: first...max(first, end), focus: story, marked)
    subject = story
  }

  private init(
    _ datagrams: [LadderDatagram], _ stories: LadderStories, around part: ClosedRange<Int>, focus: Int?,
    _ marked: Int?
  ) {
    func time(_ index: Int) -> Double { datagrams[min(max(0, index), datagrams.count - 1)].firstAt }
    let start = time(0)
    let end = time(datagrams.count - 1)
    let behind = time(part.upperBound + Self.margin)
    let spans = [start...end, start...behind, time(part.lowerBound - Self.margin)...behind]
    for span in spans {
      let runs = LadderGathering.runs(datagrams, stories, in: span, marked: marked)
      if runs.count <= Self.runLimit {
        self.init(datagrams, runs, span, focus: nil)
        return
      }
    }
    self.init(datagrams, stories, spans[2], focus: focus, marked)
  }

  private init(
    _ datagrams: [LadderDatagram], _ stories: LadderStories, _ span: ClosedRange<Double>, focus: Int?,
    _ marked: Int?
  ) {
    let runs = LadderGathering.runs(datagrams, stories, in: span, focus: focus, marked: marked)
    self.init(datagrams, runs, span, focus: focus)
  }

  private init(_ datagrams: [LadderDatagram], _ runs: [LadderRun], _ span: ClosedRange<Double>, focus: Int?) {
    self.focus = focus
    self.runs = Array(runs.prefix(Self.runLimit))
    earlierCount = datagrams.count { $0.firstAt < span.lowerBound }
    laterCount = datagrams.count - earlierCount - self.runs.reduce(0) { $0 + $1.indices.count }
  }
}
