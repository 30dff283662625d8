/// The part of the newest datagrams that did not arrive at one receiver.
struct RecentLoss: Sendable {
  /// Datagrams; at 5 % loss a standard deviation of 0.3 %. So the largest of a hundred is little more than
  /// the mean.
  private static let memoryCount = 4_096.0
  private var sentCount = 0.0
  private var lostCount = 0.0

  /// 0...1; nil before anything was reported.
  var fraction: Double? { sentCount > 0 ? min(1, lostCount / sentCount) : nil }

  mutating func add(sent: UInt64, lost: UInt64) {
    let kept = sentCount > Self.memoryCount ? Self.memoryCount / sentCount : 1
    sentCount = sentCount * kept + Double(sent)
    lostCount = lostCount * kept + Double(lost)
  }
}
