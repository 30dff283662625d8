import Ground

/// How a receiver fares, Specs/chunked-udp.md §6.7.
extension SenderPeer {
  /// A receiver's progress is judged over this time.
  private static let judgedNanoseconds: Nanoseconds = .seconds(32)
  /// Chunks that must arrive in it: two a second.
  private static let judgedChunkCount: UInt64 = 64

  /// Datagrams with chunks that must have been sent in vain before a receiver counts as stalled. At 60 % loss
  /// all of them are lost once in 10^14 cases.
  static let stallDatagramCount: UInt64 = 64

  /// Several reports are missing: perhaps the receiver's process was started anew.
  func isQuiet(now: Instant) -> Bool {
    isUnderWay && now - lastHeardAt > .milliseconds(500) + 3 * rtt.smoothed
  }

  /// It answers and gets nothing, because its path carries no full datagrams any more. Chance does not lose
  /// this many in a row. A receiver with all chunks is not stalled.
  func isStalled(_ ledger: SentLedger, chunkCount: UInt64, limit: Nanoseconds, now: Instant) -> Bool {
    now - gainedAt > limit && chunksHeld < chunkCount
      && ledger.chunkDatagramCount - chunkDatagramsAtGain >= Self.stallDatagramCount
  }

  /// At the end of each period: fewer chunks arrived in it than any usable path carries, or than a quarter of
  /// what the user's rate allows.
  mutating func isTooSlow(
    chunkCount: UInt64, datagramByteCount: Int, rateLimitBitsPerSecond: Double?, now: Instant
  ) -> Bool {
    let (began, before) = judgedFrom
    guard now - began >= Self.judgedNanoseconds else { return false }
    judgedFrom = (now, arrivedChunkCount)
    let seconds = Double(now - began) / 1e9
    let allowed = rateLimitBitsPerSecond.map {
      UInt64(saturating: seconds * $0 / 8 / Double(datagramByteCount) / 4)
    }
    let needed = min(Self.judgedChunkCount, allowed ?? .max)
    return chunksHeld < chunkCount && arrivedChunkCount - min(arrivedChunkCount, before) < needed
  }
}
