/// Goodput over the last second, from samples of a count that only grows.
struct RateMeter {
  private static let windowNanoseconds: UInt64 = 1_000_000_000
  private var samples: [(atNanoseconds: UInt64, byteCount: UInt64)] = []

  /// Takes a sample and returns bytes a second over the window; 0 for the first.
  mutating func rate(byteCount: UInt64, atNanoseconds now: UInt64) -> Double {
    samples.append((now, byteCount))
    // The newest sample that is a window old stays: the rate is over at least a window.
    while samples.count > 2, now - samples[1].atNanoseconds >= Self.windowNanoseconds {
      samples.removeFirst()
    }
    guard let oldest = samples.first, now > oldest.atNanoseconds, byteCount >= oldest.byteCount else {
      return 0
    }
    return Double(byteCount - oldest.byteCount) * 1e9 / Double(now - oldest.atNanoseconds)
  }

  /// How far a transfer is, with this sample.
  mutating func progress(done: UInt64, total: UInt64, atNanoseconds now: UInt64) -> TransferProgress {
    let rate = rate(byteCount: done, atNanoseconds: now)
    return TransferProgress(
      fileBytesDone: done, fileBytesTotal: total, bytesPerSecond: rate,
      secondsLeft: rate > 0 && total >= done ? Double(total - done) / rate : nil)
  }
}
