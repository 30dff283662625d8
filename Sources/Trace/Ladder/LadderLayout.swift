/// Where the departures and arrivals of runs lie on the two vertical lines of a ladder.
///
/// Time runs down. A step is as long as the time that it stands for, but never so short that two labels cover
/// each other, and never longer than `longestStep`.
struct LadderLayout {
  /// The places of one run; nil where no trace knows the time.
  struct Place {
    var firstDeparture: Double
    var lastDeparture: Double
    var firstArrival: Double?
    var lastArrival: Double?
    /// Whether the emitter's times are of its trace. If they are not, they stand for those of the arrival.
    var knowsDeparture: Bool
  }

  private struct Moment {
    var time: Double
    var run: Int
    var part: Part
    var isFromSenderSide: Bool
    var isLabelled: Bool
  }

  private enum Part: Int { case firstDeparture, lastDeparture, firstArrival, lastArrival }

  static let labelHeight = 17.0
  private static let longestStep = 48.0
  /// The length of all steps together, if none were too short or too long.
  private static let length = 420.0
  /// An arrow of a run that takes no time has this height, and no other step is shorter.
  private static let shortestStep = 5.0

  private(set) var places: [Place]
  private(set) var bottom: Double

  init(_ runs: [LadderRun], _ datagrams: [LadderDatagram], labelsArrival: (LadderRun) -> Bool, top: Double) {
    var moments: [Moment] = []
    for (number, run) in runs.enumerated() {
      moments += Self.moments(run, number, datagrams, labelsArrival: labelsArrival(run))
    }
    moments.sort { ($0.time, $0.run, $0.part.rawValue) < ($1.time, $1.run, $1.part.rawValue) }
    let span = (moments.last?.time ?? 0) - (moments.first?.time ?? 0)
    let scale = span > 0 ? Self.length / span : 0
    var heights: [[Double?]] = Array(repeating: [nil, nil, nil, nil], count: runs.count)
    var y = top
    var time = moments.first?.time ?? 0
    var lastLabel: [Bool: Double] = [:]
    for moment in moments {
      let step = (moment.time - time) * scale
      y += moment.time > time ? min(max(step, Self.shortestStep), Self.longestStep) : 0
      if moment.isLabelled {
        y = max(y, (lastLabel[moment.isFromSenderSide] ?? 0) + Self.labelHeight)
      }
      // What arrives lies below its departure, and a run of several has a height.
      if moment.part == .firstArrival { y = max(y, (heights[moment.run][0] ?? y) + Self.shortestStep) }
      if moment.part == .lastDeparture { y = max(y, (heights[moment.run][0] ?? y) + Self.labelHeight / 2) }
      if moment.isLabelled { lastLabel[moment.isFromSenderSide] = y }
      heights[moment.run][moment.part.rawValue] = y
      time = moment.time
    }
    bottom = y
    places = heights.enumerated().map { number, found in
      let first = found[0] ?? top
      return Place(
        firstDeparture: first, lastDeparture: max(first, found[1] ?? first), firstArrival: found[2],
        lastArrival: found[3] ?? found[2],
        knowsDeparture: runs[number].indices.contains { datagrams[$0].sentAt != nil })
    }
  }

  private static func moments(
    _ run: LadderRun, _ number: Int, _ datagrams: [LadderDatagram], labelsArrival: Bool
  ) -> [Moment] {
    let members = run.indices.map { datagrams[$0] }
    var found: [Moment] = []
    func add(_ time: Double?, _ part: Part, isLabelled: Bool) {
      guard let time else { return }
      let isArrival = part == .firstArrival || part == .lastArrival
      found.append(
        Moment(
          time: time, run: number, part: part, isFromSenderSide: run.isFromSender != isArrival,
          isLabelled: isLabelled))
    }
    add(members.first?.firstAt, .firstDeparture, isLabelled: true)
    if members.count > 1 { add(members.last?.firstAt, .lastDeparture, isLabelled: false) }
    let arrivals = members.compactMap { $0.arrivedAt ?? $0.lostAt }
    guard members.contains(where: { $0.sentAt != nil }) else { return found }
    add(arrivals.min(), .firstArrival, isLabelled: labelsArrival)
    if arrivals.count > 1 { add(arrivals.max(), .lastArrival, isLabelled: false) }
    return found
  }
}
