import Ground
import Wire

/// A time stamp of the sender, and when it arrived.
struct Echo: Sendable {
  var timestamp: UInt32 = 0
  var arrival = Instant.zero

  /// From the arrival to `now`, microseconds.
  func hold(now: Instant) -> UInt32 { UInt32(clamping: (now - arrival) / 1_000) }
}

/// How a receiver answers the announces of one session, Specs/chunked-udp.md §6.4.
struct Joining: Sendable {
  /// Joins of one session are no closer together, in unicast.
  private static let spacingNanoseconds: Nanoseconds = .milliseconds(10)

  private var echo = Echo()
  private var largestAnnounceByteCount = 0
  private var lastJoinAt: Instant?
  /// When the next join leaves; `.never` when no announce waits for an answer.
  private(set) var dueAt = Instant.never
  private(set) var joinCount: UInt64 = 0

  mutating func note(_ announce: Announce, byteCount: Int, now: Instant) {
    largestAnnounceByteCount = max(largestAnnounceByteCount, byteCount)
    echo = Echo(timestamp: announce.timestamp, arrival: now)
  }

  /// Arms a join after `spread`. In a group an announce within the interval since the last join gets no
  /// answer; in unicast the answer waits, as it may say that a larger announce came.
  mutating func answer(after spread: Nanoseconds, isGroup: Bool, groupSize: UInt64, now: Instant) {
    guard let lastJoinAt else {
      dueAt = min(dueAt, now + spread)
      return
    }
    if isGroup {
      // In a large group the joins that were repeated in vain become rare.
      let doublings = FeedbackShare.isLarge(groupSize) ? min(joinCount - 1, 5) : 0
      guard now >= lastJoinAt + GroupTiming.joinInterval(groupSize: groupSize) << doublings else { return }
      dueAt = min(dueAt, now + spread)
    } else {
      dueAt = min(dueAt, max(now, lastJoinAt + Self.spacingNanoseconds))
    }
  }

  mutating func disarm() { dueAt = .never }

  mutating func take(_ configuration: ReceiverMachine.Configuration, now: Instant) -> Join {
    dueAt = .never
    lastJoinAt = now
    joinCount += 1
    return Join(
      receiverID: configuration.receiverID, echoedTimestamp: echo.timestamp,
      holdMicroseconds: echo.hold(now: now),
      receiveBufferByteCount: UInt32(clamping: configuration.receiveBufferByteCount),
      largestAnnounceByteCount: UInt16(clamping: largestAnnounceByteCount), hostName: configuration.hostName,
      countsMarks: configuration.countsMarks)
  }
}
