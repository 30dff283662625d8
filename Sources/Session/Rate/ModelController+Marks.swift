import Ground

/// Marks in place of loss, Specs/chunked-udp.md §6.16.
extension ModelController {
  /// A queue of the path was full: that of a probe, which has found the path's end, or one that stays at the
  /// rate itself. While a queue drains, its marks say nothing new. False when the phase goes on.
  mutating func heedMarks(_ sample: RateSample) -> Bool {
    guard isOfPhase(sample), sample.areMarksOfPath else { return false }
    switch mode {
    case .up:
      noteRate(sample)
      enter(.down, sample)
    case .cruise:
      guard sample.highestPacket >= slowsAgainAt else { return false }
      slowsAgainAt = sample.nextPacket
      slow(rtt: sample.rttNanoseconds ?? minimumRtt)
      enter(mode, sample)
    case .startup, .drain, .down, .probeRtt: return false
    }
    return true
  }

  /// What was remembered must not bring the old rate back. A few datagrams a round trip remain, whatever a
  /// receiver says.
  private mutating func slow(rtt: Nanoseconds) {
    let floor = Constants.markedWindow / max(seconds(min(rtt, Constants.longestFirstRttNanoseconds)), 0.01)
    guard pathRate > floor else { return }
    // Much less than was sent came through, as where the narrowest path of a group is found late.
    let carried = (phase.carriedRate(lossFraction: randomLoss) ?? pathRate) / pathRate
    pathRate = max(floor, pathRate * min(Constants.markedFactor, max(carried, 0.5)))
    rates = rates.map { RateMemory(rate: min($0.rate, pathRate), at: $0.at, isGuess: $0.isGuess) }
  }
}
