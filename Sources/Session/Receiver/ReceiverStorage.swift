package import Ground
import Wire

/// A receiver whose disk is full, Specs/chunked-udp.md §6.15: it tells its sender what it lacks, asks for
/// nothing, and goes on when there is room.
extension ReceiverMachine {
  /// The owner can store no chunk of a file, and its disk lacks this many KiB for the rest of the set; 0: it
  /// can store them again.
  package mutating func handleStorage(missingKibibytes: UInt32, now: Instant) {
    session?.noteStorage(missingKibibytes: missingKibibytes, now: now)
  }
}

extension ReceiverSession {
  var isFull: Bool { reporting.missingKibibytes > 0 }

  fileprivate mutating func noteStorage(missingKibibytes: UInt32, now: Instant) {
    let wasFull = isFull
    reporting.missingKibibytes = missingKibibytes
    guard wasFull != isFull else { return }
    if isFull {
      asking.stop()
    } else {
      asking.resume()
      patience.noteStored(now: now)
    }
    reportSoon(now: now)
  }
}
