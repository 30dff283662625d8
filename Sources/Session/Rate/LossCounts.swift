/// Datagrams that were sent, and those of them that were lost.
struct LossCounts: Sendable {
  var sent = 0.0
  var lost = 0.0
  var fraction: Double { sent > 0 ? lost / sent : 0 }
  /// So many that chance does not hide a rate at this loss.
  var isEnough: Bool { sent >= Double(PathPhase.wantedCount(lossFraction: fraction)) }
  mutating func add(_ other: LossCounts) {
    sent += other.sent
    lost += other.lost
  }
}
