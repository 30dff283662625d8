import Ground
import NIOCore
import Session

/// Nanoseconds of the monotonic clock.
func monotonicNanoseconds() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

extension RateMeter {
  /// How far a transfer over TCP is, with a sample taken now. Nothing is known of loss and repairs: TCP hides
  /// them.
  mutating func streamProgress(done: UInt64, total: UInt64, fullDiskCount: Int = 0) -> TransferProgress {
    add(done, now: Instant(nanoseconds: monotonicNanoseconds()))
    return progress(done: done, total: total, lossFraction: nil, repairCount: 0, fullDiskCount: fullDiskCount)
  }
}
