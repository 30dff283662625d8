import CLinux
import Glibc
package import Ground
import HeapModule

/// One side of a session, which a loop runs.
package protocol DatagramDriver: AnyObject {
  func receive(_ arrival: Arrival)
  /// All datagrams of one read have been handed over. Their bytes are invalid afterwards.
  func readComplete()
  /// The time is `wakeAt`.
  func pump()
  /// This process did not run for this long, or waited for its disk. It could hear nothing meanwhile.
  func wasAway(_ nanoseconds: Nanoseconds)
}

/// The thread of one session: waits for datagrams and for times, and runs both in turn, until it is closed.
///
/// An event loop of SwiftNIO keeps its sockets in an epoll set. For such a socket the kernel calls back at
/// each packet that leaves or arrives, although no thread waits. This takes a tenth of a sender's time
/// (Specs/performance.md). This loop asks the kernel only when it has nothing else to do. It uses ppoll(2),
/// which has no effect on the socket after it returns.
package final class DatagramLoop {
  /// What is due at a time; of equal times the earlier made first.
  private struct Timer: Comparable {
    var at: Instant
    var order: UInt64
    var body: () -> Void

    static func == (a: Timer, b: Timer) -> Bool { a.order == b.order }
    static func < (a: Timer, b: Timer) -> Bool { (a.at, a.order) < (b.at, b.order) }
  }

  /// If one turn reads at least this many messages, we assume that a stream is arriving and poll again soon.
  private static let streamMessageCount = 8
  /// While a stream arrives, the loop sleeps for this time instead of waiting for the next datagram.
  /// Otherwise the kernel would wake it for every few datagrams. The core that delivers the datagrams does
  /// this work; when both programs run on one host, this is the sender's core. Network cards moderate their
  /// interrupts in the same way. The time is far below every timer of the protocol.
  private static let moderationNanoseconds: Nanoseconds = .microseconds(100)
  /// Reads before the clock is read again.
  private static let readsPerTurn = 4
  /// A turn that is later than this cannot be explained by a busy host. The process was stopped, or waited
  /// for its disk.
  private static let absenceNanoseconds: Nanoseconds = .milliseconds(500)
  /// How late a wake may be. The usual 50,000 ns of a thread are as long as a train at 10 Gb/s.
  private static let timerSlackNanoseconds: UInt = 1_000

  package let socket: UDPSocket
  package let clock: SessionClock
  /// When to pump next, whatever arrives. The pump resets it at its beginning.
  package var wakeAt = Instant.never
  /// Narrows the socket to the sender of a stream.
  package var narrowing = PeerNarrowing()
  package private(set) var isOpen = true
  /// Wakes the loop from any thread.
  package let bell: Bell
  /// When this turn began. A driver judges silence by this time: when the process stops in the middle of a
  /// turn, the next turn notes its absence first.
  package private(set) var turnBeganAt = Instant.zero
  /// When the datagrams that are handed over now were read. A driver takes this time for all of them: the
  /// clock is not asked for each.
  package private(set) var readAt = Instant.zero
  private var hasAnswered = false
  /// When the next turn should begin: at once, or at the end of a rest.
  private var expectedAt = Instant.zero
  private let reader = DatagramReader()
  private var timers = Heap<Timer>()
  private var timerCount: UInt64 = 0

  /// Throws `IOError`.
  package init(socket: UDPSocket, clock: SessionClock = SessionClock()) throws {
    self.socket = socket
    self.clock = clock
    bell = try Bell()
  }

  /// The turn that runs now is the last one. What was planned for later is forgotten, because it would keep
  /// the session and its open files alive.
  package func close() {
    isOpen = false
    timers = Heap()
  }

  package func schedule(after delay: Nanoseconds, _ body: @escaping () -> Void) {
    timers.insert(Timer(at: clock.now + delay, order: timerCount, body: body))
    timerCount += 1
  }

  package func scheduleRepeatedly(each interval: Nanoseconds, _ body: @escaping () -> Void) {
    schedule(after: interval) { [weak self] in
      body()
      self?.scheduleRepeatedly(each: interval, body)
    }
  }

  /// Runs until it is closed. `onRing` answers the bell, once.
  ///
  /// Each turn reads before it looks at any deadline: what has arrived while this process did not run must be
  /// heard before anybody is called silent.
  package func run(_ driver: some DatagramDriver, onRing: () -> Void) {
    _ = gallery_set_timer_slack(Self.timerSlackNanoseconds)
    defer { _ = gallery_set_timer_slack(0) }  // the default
    expectedAt = clock.now
    while isOpen {
      if !hasAnswered, bell.hasRung {
        hasAnswered = true
        onRing()
      }
      noteAbsence(driver)
      let arrived = read(driver)
      runDue(driver)
      if isOpen { rest(after: arrived) }
    }
  }

  /// A turn in virtual time, without the socket: hands over what has arrived, runs what is due, and returns
  /// when the next turn is.
  package func turn(_ driver: some DatagramDriver, _ arrivals: [Arrival]) -> Instant {
    turnBeganAt = clock.now
    readAt = turnBeganAt
    for arrival in arrivals where isOpen { driver.receive(arrival) }
    if isOpen, !arrivals.isEmpty { driver.readComplete() }
    runDue(driver)
    return isOpen ? min(wakeAt, timers.min?.at ?? .never) : .never
  }

  private func runDue(_ driver: some DatagramDriver) {
    let now = clock.now
    while isOpen, let next = timers.min, next.at <= now { timers.removeMin().body() }
    if isOpen, wakeAt <= now {
      wakeAt = .never
      driver.pump()
    }
  }

  private func noteAbsence(_ driver: some DatagramDriver) {
    let late = clock.now - expectedAt
    if late > Self.absenceNanoseconds { driver.wasAway(late) }
    expectedAt = clock.now
    turnBeganAt = expectedAt
  }

  /// How many messages had arrived, and whether that was all.
  private func read(_ driver: some DatagramDriver) -> (count: Int, isAll: Bool) {
    var reads = 0
    var count = 0
    while isOpen, reads < Self.readsPerTurn, reader.read(socket.descriptor) {
      readAt = clock.now
      for i in 0..<reader.count {
        let arrival = reader[i]
        socket.note(arrival)
        driver.receive(arrival)
      }
      driver.readComplete()
      reads += 1
      count += reader.count
      let isStream = count >= Self.streamMessageCount
      narrowing.hear(isStream: isStream, on: socket, now: clock.now)
      if !reader.mayHoldMore { break }
    }
    return (count, !reader.mayHoldMore)
  }

  /// Waits while there is nothing to do, at most until the next timer.
  private func rest(after read: (count: Int, isAll: Bool)) {
    let now = clock.now
    if read.count == 0 { narrowing.check(socket, now: now) }
    let idle = min(wakeAt, timers.min?.at ?? .never) - now
    if now - expectedAt <= Self.absenceNanoseconds { expectedAt = now }
    guard idle > 0 else { return }
    if read.count == 0 {
      expectedAt = expectedAt + min(idle, .seconds(3_600))
      wait(atMost: idle)
    } else if read.isAll, read.count >= Self.streamMessageCount {
      var pause = Self.timespec(min(idle, Self.moderationNanoseconds))
      nanosleep(&pause, nil)
    }
  }

  private static func timespec(_ nanoseconds: Nanoseconds) -> timespec {
    let bounded = min(nanoseconds, .seconds(3_600))
    return Glibc.timespec(tv_sec: Int(bounded / .seconds(1)), tv_nsec: Int(bounded % .seconds(1)))
  }

  /// Until something arrives or the bell rings.
  private func wait(atMost idle: Nanoseconds) {
    var timeout = Self.timespec(idle)
    withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { descriptors in
      let ends = (socket.descriptor, hasAnswered ? -1 : bell.descriptor)  // -1 is looked over: poll(2)
      descriptors.initializeElement(at: 0, to: pollfd(fd: ends.0, events: Int16(POLLIN), revents: 0))
      descriptors.initializeElement(at: 1, to: pollfd(fd: ends.1, events: Int16(POLLIN), revents: 0))
      _ = gallery_ppoll(descriptors.baseAddress, 2, &timeout, nil)
    }
  }
}
