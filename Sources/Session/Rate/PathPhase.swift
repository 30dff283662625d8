import Ground

/// The reports about the datagrams of one phase of a controller: those sent from `firstPacket` on.
struct PathPhase: Sendable {
  var firstPacket: UInt64 = 0
  var beganAt = Instant.zero
  /// Datagrams with a chunk, and the small ones between them.
  private(set) var sentCount: UInt64 = 0
  private(set) var smallCount: UInt64 = 0
  private(set) var deliveredCount: UInt64 = 0
  /// Without the datagrams that the receiver's own socket dropped, because these depend on the rate.
  private(set) var lostCount: UInt64 = 0
  /// Of these, the datagrams that found the queue empty. Losses among them are random.
  private(set) var quietSentCount: UInt64 = 0
  private(set) var quietLostCount: UInt64 = 0
  private(set) var sentOverNanoseconds: Nanoseconds = 0
  private(set) var deliveredOverNanoseconds: Nanoseconds = 0
  private(set) var isApplicationLimited = false
  private(set) var isSenderLate = false

  init(firstPacket: UInt64 = 0, beganAt: Instant = .zero) {
    self.firstPacket = firstPacket
    self.beganAt = beganAt
  }

  mutating func add(_ sample: RateSample, isQuiet: Bool = false) {
    sentCount.addSaturating(sample.sentCount)
    smallCount.addSaturating(sample.smallCount)
    deliveredCount.addSaturating(sample.deliveredCount)
    let lost = sample.lostCount - min(sample.lostCount, sample.socketDropCount)
    lostCount.addSaturating(lost)
    if isQuiet {
      quietSentCount.addSaturating(sample.sentCount)
      quietSentCount.addSaturating(sample.smallCount)
      quietLostCount.addSaturating(lost)
    }
    sentOverNanoseconds.addSaturating(sample.sentOverNanoseconds)
    deliveredOverNanoseconds.addSaturating(sample.deliveredOverNanoseconds)
    if sample.isApplicationLimited { isApplicationLimited = true }
    if sample.isSenderLate { isSenderLate = true }
  }

  /// The part of the datagrams that was lost on the way, 0...1; nil when there were none.
  var lossFraction: Double? {
    sentCount > 0 ? Double(lostCount) / (Double(sentCount) + Double(smallCount)) : nil
  }

  /// The same for datagrams that found the queue empty; nil when they were too few.
  var quietLossFraction: Double? {
    quietSentCount >= 16 ? Double(quietLostCount) / Double(quietSentCount) : nil
  }

  /// Enough of them were seen for the first estimate of the loss.
  var isQuietEnough: Bool {
    guard let loss = quietLossFraction else { return false }
    return quietSentCount >= Self.wantedCount(lossFraction: loss)
  }

  static func wantedCount(lossFraction: Double) -> UInt64 {
    16 + UInt64(saturating: 560 * min(1, lossFraction))
  }

  /// The sender was late, and no more was lost than usual, or by chance (three standard deviations): the path
  /// is not the cause of a low rate.
  func isLate(losing usual: Double) -> Bool {
    let expected = usual * (Double(sentCount) + Double(smallCount))
    return isSenderLate && Double(lostCount) <= 1.2 * expected + 3 * expected.squareRoot()
  }

  /// Datagrams per second that the path carried, if it loses `lossFraction` at any rate. No more than were
  /// sent, because bunched arrivals and chance would raise the number. Nil when too few were seen.
  func carriedRate(lossFraction: Double) -> Double? {
    let over = max(sentOverNanoseconds, deliveredOverNanoseconds)
    guard sentCount >= 8, deliveredCount > 0, over > 0 else { return nil }
    // Small datagrams pass where full ones do not, so they only suffer the random loss.
    let carried = min(Double(sentCount), Double(deliveredCount) / (1 - lossFraction) - Double(smallCount))
    guard carried > 0 else { return nil }
    // The greatest of ten phases is taken. By chance it is above the mean, by 1.5 standard deviations of a
    // phase's loss. So each phase counts as half of one deviation less. More would leave too much of a path
    // with 30 % loss unused.
    let deviation = (lossFraction / (1 - lossFraction) / Double(sentCount)).squareRoot()
    return carried * (1 - min(deviation / 2, 0.1)) * 1e9 / Double(over)
  }

  /// Whether the phase is long enough, and has enough datagrams that noise does not hide the rate at this
  /// loss (a standard deviation of about 5 % at 30 % loss with 184 datagrams).
  func isOver(lossFraction: Double, atLeast duration: Nanoseconds) -> Bool {
    let wanted = Self.wantedCount(lossFraction: lossFraction)
    let over = max(sentOverNanoseconds, deliveredOverNanoseconds)
    return (over >= duration && sentCount >= wanted) || (over / 8 >= duration && sentCount >= 16)
  }
}
