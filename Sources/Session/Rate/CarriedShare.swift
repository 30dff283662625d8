/// The part of the latest datagrams that arrived at one receiver of a group. Chance in a few datagrams must
/// not make a receiver the slowest, so earlier datagrams count too, up to `memoryCount` in all.
struct CarriedShare: Sendable {
  /// Datagrams; at 30 % loss a standard deviation of 3 %.
  private static let memoryCount = 256.0
  /// With fewer datagrams a share says too little to call a path slow.
  private static let knownCount = 64.0
  /// With this many chance makes no good path look a tenth worse: at 10 % loss a standard deviation of 2 %.
  private static let settledCount = 192.0
  private var sentCount = 0.0
  private var carriedCount = 0.0
  private var markedCount = 0.0

  /// 0...1; nil before anything was reported.
  var fraction: Double? { sentCount > 0 ? carriedCount / sentCount : nil }

  /// As `fraction`, where marked datagrams count as lost: the queue there was full.
  var unmarkedFraction: Double? {
    sentCount > 0 ? max(0, carriedCount - markedCount) / sentCount : nil
  }

  /// As `fraction`; nil before enough was reported.
  var knownFraction: Double? { sentCount >= Self.knownCount ? fraction : nil }

  /// As `fraction`; nil before so much was reported that small differences count.
  var settledFraction: Double? { sentCount >= Self.settledCount ? fraction : nil }

  mutating func add(_ sample: RateSample) {
    guard let fraction = sample.carriedFraction else { return }
    let kept = sentCount > Self.memoryCount ? Self.memoryCount / sentCount : 1
    sentCount = sentCount * kept + Double(sample.sentCount)
    carriedCount = carriedCount * kept + Double(sample.sentCount) * fraction
    markedCount = markedCount * kept + Double(sample.markedCount)
  }
}
