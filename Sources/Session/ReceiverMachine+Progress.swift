import Ground
import Wire

/// A sender that is heard and brings the session no further, Specs/chunked-udp.md §6.4.
extension ReceiverMachine {
  /// Idle times without any chunk. Sender and receivers may be busy with others meanwhile.
  private static let idleTimesWithoutChunk: UInt64 = 4
  /// Idle times without a chunk that was missing: in a group all that arrives may be repairs for others.
  private static let idleTimesWithoutNewChunk: UInt64 = 40
  /// Idle times for which *complete* is repeated to a sender that answers other things.
  private static let idleTimesCompleting: UInt64 = 4

  var completingNanoseconds: Nanoseconds { configuration.idleNanoseconds.times(Self.idleTimesCompleting) }

  private var progressDeadline: Instant {
    let idle = configuration.idleNanoseconds
    return min(
      chunkAt + idle.times(Self.idleTimesWithoutChunk), newChunkAt + idle.times(Self.idleTimesWithoutNewChunk)
    )
  }

  mutating func beginProgress(now: Instant) {
    chunkAt = now
    newChunkAt = now
    timers[.progress] = progressDeadline
  }

  mutating func checkProgress(now: Instant) {
    timers.disarm(.progress)
    switch phase {
    case .receiving where now >= progressDeadline:
      tell(.timeout, "the sender sends no chunks that are missing here")
      end(.senderStalled)
    case .receiving: timers[.progress] = progressDeadline
    case .completing: endCompleted(confirmed: false)
    case .listening, .verifying, .ended: break
    }
  }
}
