import Checksum
import FileSet
import Ground
import MemoryDisk
import NIOCore
import Session
import Simulation
import Transport
import Wire

/// A sender and its receivers in virtual time, each with its driver, its machine and its disk, and the faults
/// of a plan. A process that has died or has not reached its end is started again, as a user would do, until
/// every receiver is whole. What must never happen is noted in `violations`.
final class FaultRun {
  enum Event {
    case arrival(node: Int, VirtualSocket.Datagram)
    case timer(node: Int)
    case start(node: Int)
    case fault(Fault)
    case wake(node: Int)
    case job(node: Int)
  }

  /// No session and no wait takes this long. A run with a fault has one session more, and the time after
  /// which a peer counts as silent, for each.
  static let sessionNanoseconds: Nanoseconds = .seconds(60)
  private static let eventLimit = 400_000

  let setting: FaultSetting
  let faults: [Fault]
  let clock: UnsafeMutablePointer<Instant>
  var queue = EventQueue<Event>()
  var sender: SenderHost
  var receivers: [ReceiverHost] = []
  private(set) var violations: [String] = []
  private(set) var eventCount = 0
  private(set) var datagramCount = 0
  private var generator: SplitMix64
  private var lost: Set<Int>
  private var lostBack: Set<Int>
  private var doubled: Set<Int>
  private var shortened: Set<Int> = []
  private var sentTo: [Int]
  private var sentFrom: [Int]

  init(_ setting: FaultSetting, faults: [Fault]) {
    self.setting = setting
    self.faults = faults
    clock = .allocate(capacity: 1)
    clock.initialize(to: .zero)
    generator = SplitMix64(seed: SplitMix64.combine(setting.seed, 3))
    sender = SenderHost(setting, clock: clock)
    sentTo = Array(repeating: 0, count: setting.receiverCount)
    sentFrom = sentTo
    (lost, lostBack, doubled) = ([], [], [])
    for index in 0..<setting.receiverCount {
      receivers.append(ReceiverHost(index, setting, clock: clock))
    }
    for fault in faults { plan(fault) }
  }

  deinit {
    // The processes end before the clock that they look at.
    sender.unmount()
    receivers.forEach { $0.unmount() }
    receivers = []
    clock.deallocate()
  }

  private static func key(_ receiver: Int, _ number: Int) -> Int { receiver << 32 | number }

  private func plan(_ fault: Fault) {
    switch fault {
    case .lose(let receiver, let number): lost.insert(Self.key(receiver, number))
    case .loseBack(let receiver, let number): lostBack.insert(Self.key(receiver, number))
    case .double(let receiver, let number): doubled.insert(Self.key(receiver, number))
    case .shorten(let receiver, let number): shortened.insert(Self.key(receiver, number))
    case .disk(let receiver, let number, let failure): receivers[receiver].disk.failures[number] = failure
    case .readError(let number): sender.disk.readFailures.insert(number)
    case .killSender(let time), .kill(_, let time), .powerCut(_, let time):
      queue.push(.fault(fault), at: time)
    case .sleep(_, let time, _), .clockJump(_, let time, _): queue.push(.fault(fault), at: time)
    }
  }

  func violate(_ text: String) {
    violations.append("\(Double(now.nanoseconds) / 1e9) s: \(text)")
  }

  var now: Instant { clock.pointee }

  // MARK: The run

  /// Runs to the end; what was violated.
  func run() -> [String] {
    for node in 0...setting.receiverCount { queue.push(.start(node: node), at: 0) }
    let limit = Self.sessionNanoseconds.times(UInt64(2 + faults.count { !$0.isOfNetwork }))
    while violations.isEmpty, !isOver, let (time, event) = queue.pop() {
      eventCount += 1
      guard time <= limit, eventCount < Self.eventLimit else {
        violate("no end: \(summary)")
        break
      }
      clock.pointee = Instant(nanoseconds: time)
      handle(event)
    }
    if violations.isEmpty, !isOver { violate("nothing more happens: \(summary)") }
    if violations.isEmpty { checkEnd() }
    return violations
  }

  private var isOver: Bool { sender.isDone && receivers.allSatisfy(\.isDone) }

  var summary: String {
    "sender \(sender.process.map { "\($0.phase)" } ?? "none"); "
      + receivers.map {
        "receiver \($0.index) \($0.isDone ? "done" : $0.process.map { "\($0.phase)" } ?? "none") \($0.lastProblem)"
      }
      .joined(separator: ", ")
  }

  private func handle(_ event: Event) {
    switch event {
    case .start(let node): start(node)
    case .timer(let node):
      guard host(node).timerAt == now else { return }
      host(node).timerAt = .never
      turn(node)
    case .arrival(let node, let datagram):
      host(node).arrivals.append(datagram)
      // What arrives at one time is one read.
      if queue.nextTimeNanoseconds != now.nanoseconds {
        turn(node)
      } else {
        queue.push(.wake(node: node), at: now.nanoseconds)
      }
    case .wake(let node): turn(node)
    case .job(let node):
      receivers[node - 1].disk.runDueJobs()
      afterTurn(node)
    case .fault(let fault): apply(fault)
    }
  }

  private func host(_ node: Int) -> Host { node == 0 ? sender : receivers[node - 1] }

  private func apply(_ fault: Fault) {
    switch fault {
    case .killSender:
      sender.kill()
      restart(0)
    case .kill(let receiver, _):
      guard !receivers[receiver].isDone else { return }
      receivers[receiver].disk.kill(.kill)
      afterTurn(receiver + 1)
    case .powerCut(let receiver, _):
      // What was received before is the user's: no session brings it to the disk before it ends.
      guard !receivers[receiver].isDone else { return }
      receivers[receiver].disk.kill(.powerCut)
      afterTurn(receiver + 1)
    case .sleep(let node, _, let length):
      host(node).asleepSince = now
      host(node).asleepUntil = max(host(node).asleepUntil, now + length)
      queue.push(.wake(node: node), at: (now + length).nanoseconds)
    case .clockJump(let receiver, _, let seconds): receivers[receiver].disk.clockError += seconds
    case .lose, .loseBack, .double, .shorten, .disk, .readError: break
    }
  }

  private func restart(_ node: Int) {
    queue.push(.start(node: node), at: (now + .milliseconds(500 + generator.next() % 1_000)).nanoseconds)
  }

  private func start(_ node: Int) {
    if node == 0 {
      guard sender.process == nil else { return }
      let waiting = receivers.count { !$0.isDone }
      sender.isDone = waiting == 0
      guard !sender.isDone else { return }
      sender.start(self, receiverCount: waiting)
    } else {
      guard !receivers[node - 1].isDone, receivers[node - 1].process == nil else { return }
      receivers[node - 1].start(self)
    }
    turn(node)
  }

  private func turn(_ node: Int) {
    let host = host(node)
    guard host.asleepUntil <= now else { return }
    if let since = host.asleepSince {
      host.asleepSince = nil
      host.wasAway(now - since)
    }
    let arrivals = host.arrivals
    host.arrivals = []
    let wakeAt = host.turn(arrivals, self)
    if wakeAt != .never, host.timerAt == .never || wakeAt < host.timerAt || host.timerAt <= now {
      host.timerAt = max(wakeAt, now + 1_000)
      queue.push(.timer(node: node), at: host.timerAt.nanoseconds)
    }
    afterTurn(node)
  }

  private func afterTurn(_ node: Int) {
    if node == 0 {
      if sender.process?.isOpen == false {
        sender.end(self)
        restart(0)
      }
      return
    }
    let receiver = receivers[node - 1]
    let jobAt = receiver.disk.nextJobAt
    if jobAt != .never, jobAt != receiver.jobAt {
      receiver.jobAt = jobAt
      queue.push(.job(node: node), at: max(jobAt, now).nanoseconds)
    }
    if receiver.disk.dead != nil {
      receiver.die()
      restart(node)
    } else if receiver.process?.isOpen == false {
      receiver.end(self)
      if receiver.isDead {
        receiver.die()
        restart(node)
        // The sender has perhaps reached all receivers before.
        if sender.isDone, !receiver.isDone {
          sender.isDone = false
          restart(0)
        }
      } else if !receiver.isDone {
        restart(node)
      }
    }
  }

  // MARK: The network

  func sendFromSender(_ bytes: UnsafeRawBufferPointer) {
    datagramCount += 1
    let datagram = VirtualSocket.Datagram(bytes: Array(bytes), sender: sender.name)
    for index in receivers.indices {
      sentTo[index] += 1
      let key = Self.key(index, sentTo[index])
      guard !lost.contains(key) else { continue }
      let carried = shortened.contains(key) ? Self.shorter(datagram) : datagram
      for _ in 0..<(doubled.contains(key) ? 2 : 1) { carry(carried, to: index + 1) }
    }
  }

  /// A chunk without its last byte, as a sender with a fault could send it. Others stay as they are.
  private static func shorter(_ datagram: VirtualSocket.Datagram) -> VirtualSocket.Datagram {
    guard datagram.bytes[2] == MessageType.data.rawValue,
      let data = try? DataDatagram.decode(datagram.bytes.span), data.payload.count > 1
    else { return datagram }
    var short = datagram
    short.bytes.removeLast()
    let checksum = CRC32.checksum(short.bytes.span.extracting(data.payload.dropLast()))
    short.bytes.withUnsafeMutableBytes {
      DataHeader.write(
        into: $0, sessionID: data.sessionID, packetNumber: data.packetNumber, flags: data.flags,
        chunkIndex: data.chunkIndex, timestamp: data.timestamp, grttCode: data.grttCode,
        payloadChecksum: checksum)
    }
    return short
  }

  func sendFromReceiver(_ index: Int, _ bytes: UnsafeRawBufferPointer, to address: SocketAddress) {
    datagramCount += 1
    sentFrom[index] += 1
    guard address == sender.address, !lostBack.contains(Self.key(index, sentFrom[index])) else { return }
    carry(VirtualSocket.Datagram(bytes: Array(bytes), sender: receivers[index].name), to: 0)
  }

  private func carry(_ datagram: VirtualSocket.Datagram, to node: Int) {
    var delay = setting.delayNanoseconds
    if setting.jitterNanoseconds > 0 { delay += generator.next() % setting.jitterNanoseconds }
    queue.push(.arrival(node: node, datagram), at: (now + delay).nanoseconds)
  }

  // MARK: The end

  private func checkEnd() {
    for receiver in receivers {
      receiver.expectWhole(self, "at the end of the run")
      receiver.expectNothingElse(self)
    }
    // 9 times the set for each session (Specs), and what sessions say besides.
    let sessions = sender.sessionCount + receivers.reduce(0) { $0 + $1.sessionCount }
    let limit = sessions * (10 * setting.chunkCount + 4_000)
    if datagramCount > limit { violate("\(datagramCount) datagrams in \(sessions) sessions") }
  }
}
