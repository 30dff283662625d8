import CLinux
import Glibc
package import Ground
import HeapModule

/// What a loop runs: a session's side.
package protocol DatagramDriver: AnyObject {
  func receive(_ arrival: Arrival)
  /// All that was read together has been handed over, and its bytes go.
  func readComplete()
  /// It is `wakeAt`.
  func pump()
  /// This process did not run for that long, or was held up by its disk: nothing could be heard meanwhile.
  func wasAway(_ nanoseconds: Nanoseconds)
}

/// The thread of one session: waits for datagrams and for times, and runs both in turn, until it is closed.
///
/// An event loop of SwiftNIO keeps its sockets in an epoll set, and for such a socket the kernel calls back at each packet
/// that leaves or arrives, though nobody waits: a tenth of a sender's time (Specs/performance.md). This one asks the kernel
/// only when it has nothing else to do, and then by ppoll(2), which leaves the socket alone when it returns.
package final class DatagramLoop {
  /// What is due at a time; of equal times the earlier made first.
  private struct Timer: Comparable {
    var at: Instant
    var order: UInt64
    var body: () -> Void

    static func == (a: Timer, b: Timer) -> Bool { a.order == b.order }
    static func < (a: Timer, b: Timer) -> Bool { (a.at, a.order) < (b.at, b.order) }
  }

  /// From so many messages in one turn on more are on their way.
  private static let streamMessageCount = 8
  /// While a stream comes in the loop sleeps for a while instead of waiting for the next datagram: else the kernel wakes it
  /// for every few, and the core that brings them does that work, on one host the sender's. Network cards moderate their
  /// interrupts so. The time is far below what any timer of the protocol counts in.
  private static let moderationNanoseconds: Nanoseconds = .microseconds(100)
  /// Reads before the time is looked at again.
  private static let readsPerTurn = 4
  /// A turn that is later than this was not a busy host's doing: the process was stopped, or waited for its disk.
  private static let absenceNanoseconds: Nanoseconds = .milliseconds(500)
  /// What a wake may be late by: a thread's usual 50,000 ns are a train's time at 10 Gb/s.
  private static let timerSlackNanoseconds: UInt = 1_000

  package let socket: UDPSocket
  package let clock = SessionClock()
  /// When to pump next, whatever arrives. Forgotten as the pump begins.
  package var wakeAt = Instant.never
  /// Whose datagrams a stream consists of.
  package var narrowing = PeerNarrowing()
  package private(set) var isOpen = true
  /// Wakes the loop from any thread.
  package let bell: Bell
  private var hasAnswered = false
  /// When the next turn should begin: at once, or at the end of a rest.
  private var expectedAt = Instant.zero
  private let reader = DatagramReader()
  private var timers = Heap<Timer>()
  private var timerCount: UInt64 = 0

  /// Throws `IOError`.
  package init(socket: UDPSocket) throws {
    self.socket = socket
    bell = try Bell()
  }

  /// The last turn is the one that runs.
  package func close() { isOpen = false }

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
  /// Each turn reads before it looks at any deadline: what has arrived while this process did not run must be heard before
  /// anybody is called silent.
  package func run(_ driver: some DatagramDriver, onRing: () -> Void) {
    _ = gallery_set_timer_slack(Self.timerSlackNanoseconds)
    defer { _ = gallery_set_timer_slack(0) }  // as it was
    expectedAt = clock.now
    while isOpen {
      if !hasAnswered, bell.hasRung {
        hasAnswered = true
        onRing()
      }
      noteAbsence(driver)
      let arrived = read(driver)
      let now = clock.now
      while isOpen, let next = timers.min, next.at <= now { timers.removeMin().body() }
      if isOpen, wakeAt <= now {
        wakeAt = .never
        driver.pump()
      }
      if isOpen { rest(after: arrived) }
    }
  }

  private func noteAbsence(_ driver: some DatagramDriver) {
    let late = clock.now - expectedAt
    if late > Self.absenceNanoseconds { driver.wasAway(late) }
    expectedAt = clock.now
  }

  /// How many messages had arrived, and whether that was all.
  private func read(_ driver: some DatagramDriver) -> (count: Int, isAll: Bool) {
    var reads = 0
    var count = 0
    while isOpen, reads < Self.readsPerTurn, reader.read(socket.descriptor) {
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

  /// Lets the time pass for which there is nothing to do; not beyond what is due next.
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
