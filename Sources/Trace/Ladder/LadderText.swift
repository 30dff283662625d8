import Figures

/// The words of a ladder.
struct LadderText {
  let ladder: Ladder
  let stories: LadderStories

  private static let rangeLimit = 2
  private static let kindLimit = 2

  /// What a run is, beside its arrow.
  func label(_ run: LadderRun) -> String {
    guard let likeness = run.likeness else { return mixture(run) }
    let datagrams = run.indices.map { ladder.datagrams[$0] }
    let asked = datagrams.flatMap(\.ranges)
    let chunks = asked.isEmpty ? datagrams.compactMap(\.chunk).map { $0...$0 } : asked
    var text = likeness.name
    if let number = likeness.number { text += " \(number)" }
    if likeness.name.hasPrefix("parity") {
      text = HumanText.grouped(datagrams.count, likeness.name + " symbol")
    } else if !chunks.isEmpty {
      text += (likeness.number == nil ? ", " : " asks for ") + Self.chunks(chunks)
    } else if datagrams.count > 1 {
      text = Self.counted(datagrams.count, likeness.name)
    }
    // A loss where it arrived is told there.
    if let loss = likeness.loss, loss == .leaving || loss == .underway { text += ": " + Self.loss(loss) }
    return text
  }

  /// What happened to a run at the side that it reached; nil where nothing but its arrival did.
  func arrivalLabel(_ run: LadderRun) -> String? {
    guard let likeness = run.likeness, let loss = likeness.loss else { return nil }
    let number = likeness.number.map { " \($0)" } ?? ""
    switch loss {
    case .leaving, .underway: return nil
    case .arriving, .damaged: return likeness.name + number + ": " + Self.loss(loss)
    }
  }

  private static func loss(_ loss: LadderDatagram.Loss) -> String {
    switch loss {
    case .leaving, .arriving: "dropped on purpose"
    case .underway: "lost on the way"
    case .damaged: "damaged, not taken"
    }
  }

  private func mixture(_ run: LadderRun) -> String {
    var names: [String] = []
    var counts: [String: Int] = [:]
    var lostCount = 0
    for index in run.indices {
      let datagram = ladder.datagrams[index]
      if counts[datagram.name] == nil { names.append(datagram.name) }
      counts[datagram.name, default: 0] += 1
      if datagram.isLost { lostCount += 1 }
    }
    var parts = names.prefix(Self.kindLimit).map { Self.counted(counts[$0] ?? 0, $0) }
    let rest = names.dropFirst(Self.kindLimit).reduce(0) { $0 + (counts[$1] ?? 0) }
    if rest > 0 { parts.append(HumanText.grouped(rest, "other")) }
    let text = parts.joined(separator: ", ")
    return lostCount == 0 ? text : "\(text); \(lostCount) lost"
  }

  private static func counted(_ count: Int, _ name: String) -> String {
    name == "data" || name == "parity"
      ? "\(HumanText.grouped(count)) \(name)" : HumanText.grouped(count, name)
  }

  /// "chunk 7", "chunks 7–9, 12". Beyond two ranges the rest is counted.
  static func chunks(_ ranges: [ClosedRange<UInt64>]) -> String {
    var joint: [ClosedRange<UInt64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joint.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
        joint[joint.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joint.append(range)
      }
    }
    let shown = joint.prefix(rangeLimit).map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
    }.joined(separator: ", ")
    var rest: UInt64 = 0
    for range in joint.dropFirst(rangeLimit) { rest &+= (range.upperBound - range.lowerBound) &+ 1 }
    let isOne = joint.count == 1 && joint[0].lowerBound == joint[0].upperBound
    return (isOne ? "chunk " : "chunks ") + shown + (rest > 0 ? " and \(HumanText.grouped(rest)) more" : "")
  }
}
