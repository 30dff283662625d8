import Ground
import Session

/// Goodput over the last second, for progress.
struct RateMeter {
  private var samples: [(at: Instant, byteCount: UInt64)] = []

  mutating func add(_ byteCount: UInt64, now: Instant) {
    samples.append((now, byteCount))
    while samples.count > 2, now - samples[0].at > .seconds(1) { samples.removeFirst() }
  }

  var bytesPerSecond: Double {
    guard let first = samples.first, let last = samples.last, last.at > first.at else { return 0 }
    return Double(last.byteCount - min(first.byteCount, last.byteCount)) / (Double(last.at - first.at) / 1e9)
  }

  /// What a progress bar needs to know.
  func progress(
    done: UInt64, total: UInt64, lossFraction: Double?, repairCount: UInt64, fullDiskCount: Int = 0
  ) -> TransferProgress {
    let rate = bytesPerSecond
    return TransferProgress(
      fileBytesDone: min(done, total), fileBytesTotal: total, bytesPerSecond: rate,
      lossFraction: lossFraction,
      repairCount: repairCount, secondsLeft: rate > 0 ? Double(total - min(done, total)) / rate : nil,
      fullDiskCount: fullDiskCount)
  }
}
