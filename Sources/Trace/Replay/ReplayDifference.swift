import Session

/// Where two replays first differ, and what each did there.
package struct ReplayDifference: Sendable, Equatable {
  /// Datagrams of the first run up to the difference; that datagram is counted.
  package var firstCount: Int
  /// The same of the second run.
  package var secondCount: Int
  /// Since the start of the run that shows the difference first.
  package var seconds: Double

  /// Two runs of one role: the datagrams with chunks and symbols are compared one by one, and the NACKs by
  /// what they ask for. Times, packet numbers and the datagrams that only keep a session alive are not
  /// compared, because no two runs have the same. A sender and a receiver of one session: the first datagram
  /// with a chunk or a symbol that the receiver did not get.
  ///
  /// Nil: they do not differ, or cannot be compared (`canCompare`).
  package static func first(_ one: Replay, _ two: Replay) -> ReplayDifference? {
    guard canCompare(one, two) else { return nil }
    if one.role != two.role { return one.role == .sender ? lost(one, two) : lost(two, one)?.swapped }
    let payload = firstUnequal(one, two, one.places(\.isPayload), two.places(\.isPayload))
    let nacks = firstUnequal(one, two, one.places(\.isWholeNack), two.places(\.isWholeNack))
    guard let payload, let nacks else { return payload ?? nacks }
    return payload.seconds <= nacks.seconds ? payload : nacks
  }

  /// Whether a comparison says anything: two runs of one role, or both sides of one session.
  package static func canCompare(_ one: Replay, _ two: Replay) -> Bool {
    one.role == two.role || one.session.sessionID == two.session.sessionID
  }

  private var swapped: ReplayDifference {
    ReplayDifference(firstCount: secondCount, secondCount: firstCount, seconds: seconds)
  }

  private static func firstUnequal(
    _ one: Replay, _ two: Replay, _ ones: [Int], _ twos: [Int]
  ) -> ReplayDifference? {
    let common = min(ones.count, twos.count)
    let place = (0..<common).first { !one.isSame(ones[$0], two, twos[$0]) } ?? common
    guard place < max(ones.count, twos.count) else { return nil }
    let times = [
      place < ones.count ? one.seconds(of: ones[place]) : nil,
      place < twos.count ? two.seconds(of: twos[place]) : nil,
    ]
    let seconds = times.compactMap(\.self).min() ?? 0
    return ReplayDifference(
      firstCount: place < ones.count ? ones[place] + 1 : one.stepCount(until: seconds),
      secondCount: place < twos.count ? twos[place] + 1 : two.stepCount(until: seconds), seconds: seconds)
  }

  private static func lost(_ sender: Replay, _ receiver: Replay) -> ReplayDifference? {
    var arrived: Set<UInt32> = []
    for step in receiver.steps where step.isPayload && !step.isLost { arrived.insert(step.packetNumber) }
    guard
      let place = sender.steps.firstIndex(where: { $0.isPayload && !arrived.contains($0.packetNumber) })
    else { return nil }
    let number = sender.steps[place].packetNumber
    // The datagram after the gap, or the one that the receiver dropped on purpose.
    let seen = receiver.steps.firstIndex {
      $0.isPayload && Int32(bitPattern: $0.packetNumber &- number) >= 0
    }
    return ReplayDifference(
      firstCount: place + 1, secondCount: seen.map { $0 + 1 } ?? receiver.stepCount,
      seconds: sender.seconds(of: place))
  }
}

extension ReplayStep {
  fileprivate var isPayload: Bool { kind == .data || kind == .parity }
  fileprivate var isWholeNack: Bool { kind == .nack && (event == .sent || event == .received) }
}

extension Replay {
  fileprivate func places(_ isWanted: (ReplayStep) -> Bool) -> [Int] {
    steps.indices.filter { isWanted(steps[$0]) }
  }

  /// The datagrams up to a time, in seconds since the start.
  fileprivate func stepCount(until seconds: Double) -> Int {
    steps.indices.first { self.seconds(of: $0) > seconds } ?? steps.count
  }

  fileprivate func isSame(_ place: Int, _ other: Replay, _ otherPlace: Int) -> Bool {
    let (one, two) = (steps[place], other.steps[otherPlace])
    guard one.kind == two.kind, one.event == two.event else { return false }
    if one.kind == .nack { return asked(place) == other.asked(otherPlace) }
    return one.chunk == two.chunk && one.symbol == two.symbol && one.isRepair == two.isRepair
  }

  private func asked(_ place: Int) -> [Range<UInt64>] {
    effects(of: place).filter { $0.kind == .asked }.map { $0.chunks(of: session.chunkCount) }
  }
}
