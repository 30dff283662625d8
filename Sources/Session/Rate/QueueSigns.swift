import Ground

/// What the newest samples show of a queue in the path.
struct QueueSigns: Sendable {
  /// The newest round trip had no queue in it, and the one before.
  private(set) var (isQuiet, wasQuiet) = (false, false)
  /// The time of the queue in them, nanoseconds.
  private var (queue, queueBefore): (Nanoseconds, Nanoseconds) = (0, 0)
  /// Datagrams arrived much more slowly than they were sent, and the queue of that time is not gone.
  private var isHeldUp = false

  /// The newest round trip has some of it: more than the grain of timers.
  var isInRoundTrip: Bool { queue > .milliseconds(1) }

  mutating func noteRtt(_ rtt: Nanoseconds, minimum: Nanoseconds, isQuiet: Bool) {
    (wasQuiet, queueBefore) = (self.isQuiet, queue)
    (self.isQuiet, queue) = (isQuiet, rtt - min(rtt, minimum))
  }

  mutating func note(_ sample: RateSample) { isHeldUp = isHeldUp && !isQuiet || sample.isHeldUp }

  /// RFC 9406 §4.2. One late report is no queue.
  func isQueueing(minimumRtt: Nanoseconds) -> Bool { isHeldUp || isStanding(minimumRtt: minimumRtt) }

  /// The queue was there all the time between the two newest round trips.
  func isStanding(minimumRtt: Nanoseconds) -> Bool {
    min(queue, queueBefore) > max(minimumRtt / 8, .milliseconds(8))
  }
}
