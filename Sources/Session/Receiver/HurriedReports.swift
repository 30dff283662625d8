import Ground
import Wire

/// Reports of a large group's member whose path is far too narrow for the rate. They do not wait for their
/// turn, Specs/chunked-udp.md §6.4, as RFC 4654 §2.5 biases feedback in favour of receivers with low rates.
///
/// A path that all share is not meant: the rate exceeds it by start-up's gain at most, and the named
/// receivers tell of it.
struct HurriedReports: Sendable {
  /// Of one receiver in a session, at most.
  private static let most = 4
  /// A queue that lasts less may be one that hosts make.
  private static let leastQueue: Nanoseconds = .milliseconds(5)
  /// Datagrams arrive at least this many times more slowly than they were sent. Start-up's gain is 2.885.
  private static let leastSlowdown: UInt64 = 4
  /// In at least this many intervals: a host that stood still for a moment sees one.
  private static let intervalCount = 2
  private static let interval: Nanoseconds = .milliseconds(4)
  /// Of a group, all together, per second: 5,000.
  private static let spacing: Nanoseconds = .microseconds(200)

  private var count = 0
  private var slowIntervals = 0
  /// When the report leaves; `.never` while the path is wide enough.
  private var dueAt = Instant.never
  /// The datagram with which the interval began; nil before there is one.
  private var mark: Echo?
  /// From the sender's clock to this host's, microseconds modulo 2^32, at least.
  private var leastTransit: UInt32 = 0

  /// A datagram arrived, with the newest time stamp. Whether a report is to leave now.
  mutating func isDue(_ echo: Echo, groupSize: UInt64, _ line: inout ReceiverLine, now: Instant) -> Bool {
    noteInterval(echo)
    guard count < Self.most, slowIntervals >= Self.intervalCount else {
      dueAt = .never
      return false
    }
    if dueAt == .never { dueAt = now + line.draw(GroupTiming.bounded(groupSize) * Self.spacing) }
    guard dueAt <= now else { return false }
    dueAt = .never
    slowIntervals = 0
    count += 1
    return true
  }

  private mutating func noteInterval(_ echo: Echo) {
    let transit = echo.arrival.timestamp &- echo.timestamp
    guard let mark else {
      self.mark = echo
      leastTransit = transit
      return
    }
    let queue = Int32(bitPattern: transit &- leastTransit)
    if queue < 0 { leastTransit = transit }
    let arrived = echo.arrival - mark.arrival
    guard arrived >= Self.interval else { return }
    self.mark = echo
    let sent = Nanoseconds(echo.timestamp &- mark.timestamp) * 1_000
    let isSlow =
      queue > 0 && Nanoseconds(queue) * 1_000 > Self.leastQueue
      && arrived / Self.leastSlowdown >= sent
    slowIntervals = isSlow ? slowIntervals + 1 : 0
  }
}
