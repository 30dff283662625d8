import Ground

/// Members of a group that lose much more than the others. Repairs for them alone would make all others wait,
/// so while the first pass goes on they get a small share, and the rest when every chunk was sent,
/// Specs/chunked-udp.md §6.6.
extension PeerTable {
  /// A member is lossy when it loses this part of the datagrams more than the usual member.
  private static let excess = 0.05
  /// Repairs for each chunk that was sent, beside those that the usual loss asks for.
  private static let share = 0.02

  /// Finds the usual loss: half of the members lose no more. It is unknown before two members' is known.
  mutating func noteUsualLoss() {
    let known = indices.compactMap { self[$0].isCounted ? self[$0].recentLoss.knownFraction : nil }.sorted()
    usualLoss = known.count < 2 ? nil : known[(known.count - 1) / 2]
  }

  func isLossy(_ index: Int) -> Bool {
    guard let usualLoss, let loss = self[index].recentLoss.knownFraction else { return false }
    return loss > usualLoss + Self.excess && !self[index].lag.isFarBehind
  }

  /// Repairs that a lossy member may still cause while the first pass goes on; nil: no such limit.
  func shareLeft(of index: Int, chunksSent: UInt64) -> UInt64? {
    guard let usualLoss, isLossy(index) else { return nil }
    let allowed = UInt64(saturating: (usualLoss + Self.share) * Double(chunksSent))
    return allowed - min(allowed, self[index].repairBudget.used)
  }
}
