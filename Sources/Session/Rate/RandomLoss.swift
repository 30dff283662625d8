/// The part of the datagrams that gets lost whatever the rate.
struct RandomLoss: Sendable {
  private static let most = 0.7
  /// The mean of the first phases, and then a moving one of this many.
  private static let memoryPhases = 4.0

  /// 0...0.7.
  private(set) var fraction = 0.0
  private var phaseCount = 0.0

  /// The drain of start-up is over. `growth`: datagrams sent while the rate grew.
  mutating func begin(_ phase: PathPhase, growth: LossCounts) {
    var loss = phase.quietLossFraction
    // No round trip was without a queue, as on a busy host. The loss is at most that of the growing rate.
    if loss == nil, growth.sent >= 64, let seen = phase.lossFraction { loss = min(seen, growth.fraction) }
    // By chance a few datagrams can tell of half of the loss. Those of the growing rate are as good; without
    // much loss they may have overflowed a short queue.
    if let quiet = phase.quietLossFraction, quiet > 0.05 {
      let count = Double(phase.quietSentCount)
      loss = (quiet * count + growth.lost) / (count + growth.sent)
    }
    fraction = min(loss ?? 0, Self.most)
    phaseCount = loss == nil ? 0 : 1
  }

  /// A phase at three quarters of the rate is over.
  mutating func note(_ phase: PathPhase, growth: LossCounts, isQuiet: Bool) {
    if let loss = phase.quietLossFraction {
      phaseCount = min(phaseCount + 1, Self.memoryPhases)
      fraction += (min(loss, Self.most) - fraction) / phaseCount
    } else if !isQuiet {
      // A queue stays at three quarters of the rate. Others fill it, or the hosts are busy, or the rate is
      // too high because too much loss counts as random: most likely the part above the loss of start-up.
      let excess = max(0, fraction - growth.fraction)
      fraction -= excess / 4 + (fraction - excess) / 16
    }
  }
}
