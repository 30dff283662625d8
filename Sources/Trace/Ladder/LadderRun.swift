/// Datagrams of one side that a ladder draws as one: equal ones in a row, or all those that are not of the
/// story in question.
struct LadderRun: Sendable {
  /// Places in the ladder's datagrams, in order; never empty.
  var indices: [Int]
  var isFromSender: Bool
  /// What all of them have in common; nil when they are of different kinds.
  var likeness: LadderLikeness?

  var story: Int? { likeness?.story }
}

/// Datagrams with the same likeness look the same in a ladder.
struct LadderLikeness: Hashable, Sendable {
  var name: String
  var loss: LadderDatagram.Loss?
  var story: Int?
  /// A datagram whose arrival no trace knows does not look like one that arrived.
  var hasArrived: Bool
  /// A NACK stands alone, because it is what a stranger looks for.
  var number: UInt64?

  init(_ datagram: LadderDatagram, story: Int?) {
    name = datagram.name
    loss = datagram.loss
    self.story = story
    hasArrived = datagram.arrivedAt != nil
    number = datagram.type == "nack" ? datagram.packetNumber : nil
  }
}

/// Gathers the datagrams of a part of the time into runs.
///
/// A run ends where its side hears something that a sender or receiver may react to. So the picture shows
/// what was sent before, and what behind.
struct LadderGathering {
  private let datagrams: [LadderDatagram]
  private let stories: LadderStories
  /// Datagrams of other stories are gathered whatever they are; nil for equal ones only.
  private let focus: Int?
  /// The datagram that a mark shows. It has a run of its own.
  private let marked: Int?
  private var open: [Bool: Int] = [:]
  private var runs: [LadderRun] = []

  static func runs(
    _ datagrams: [LadderDatagram], _ stories: LadderStories, in span: ClosedRange<Double>, focus: Int? = nil,
    marked: Int? = nil
  ) -> [LadderRun] {
    var gathering = Self(datagrams: datagrams, stories: stories, focus: focus, marked: marked)
    return gathering.gather(span)
  }

  private init(datagrams: [LadderDatagram], stories: LadderStories, focus: Int?, marked: Int?) {
    self.datagrams = datagrams
    self.stories = stories
    self.focus = focus
    self.marked = marked
  }

  private mutating func gather(_ span: ClosedRange<Double>) -> [LadderRun] {
    // A departure and an arrival of each: when, where it stands, and whether the side of arrival is meant.
    var moments: [(time: Double, index: Int, isArrival: Bool)] = []
    for (index, datagram) in datagrams.enumerated() where span.contains(datagram.firstAt) {
      moments.append((datagram.firstAt, index, false))
      if breaks(index) { moments.append((datagram.lastAt, index, true)) }
    }
    moments.sort { ($0.time, $0.isArrival ? 1 : 0, $0.index) < ($1.time, $1.isArrival ? 1 : 0, $1.index) }
    for moment in moments {
      if moment.isArrival {
        open[!datagrams[moment.index].isFromSender] = nil
      } else {
        take(moment.index)
      }
    }
    return runs
  }

  /// Whether the other side may react to it.
  private func breaks(_ index: Int) -> Bool {
    let datagram = datagrams[index]
    if let focus { return belongs(index, to: focus) }
    guard datagram.loss == nil || datagram.loss == .arriving else { return false }
    return datagram.isRepair || !datagram.isData && datagram.type != "report"
  }

  private func belongs(_ index: Int, to story: Int) -> Bool {
    stories.storyOf[index] == story || stories.askers[index]?.contains(story) == true
  }

  private mutating func take(_ index: Int) {
    let datagram = datagrams[index]
    let story = stories.storyOf[index]
    let isMarked = index == marked
    let isAside = !isMarked && focus.map { !belongs(index, to: $0) } ?? false
    let likeness = isAside ? nil : LadderLikeness(datagram, story: story)
    if !isMarked, let place = open[datagram.isFromSender], runs[place].likeness == likeness,
      isAside || follows(index, runs[place])
    {
      runs[place].indices.append(index)
      return
    }
    open[datagram.isFromSender] = isMarked ? nil : runs.count
    runs.append(LadderRun(indices: [index], isFromSender: datagram.isFromSender, likeness: likeness))
  }

  /// First transmissions are equal only when no chunk is missing between them.
  private func follows(_ index: Int, _ run: LadderRun) -> Bool {
    guard datagrams[index].type == "data", !datagrams[index].isRepair, let last = run.indices.last,
      let before = datagrams[last].chunk, let chunk = datagrams[index].chunk
    else { return true }
    return before < .max && chunk == before + 1
  }
}
