import Dispatch
import FileSet
import Ground
import Naive
import Synchronization

/// One run of the naive protocol over loopback, with real sockets: a sender and its receivers in this process.
struct LoopbackNaive {
  let plan: ComparePlan
  let run: ComparePlan.Run
  let folders: [String]

  /// What one receiver saw.
  struct View: Sendable {
    var report: NaiveReceiveReport
    var lastImageSeconds: Double
    var endSeconds: Double
  }

  private var mode: NaiveMode {
    run.variant == .naiveTCP ? .tcp : plan.receiverCount > 1 ? .multicast : .unicast
  }

  func results() throws -> [CompareResult] {
    // TCP serves one receiver after the other, as the course's programs do.
    guard mode == .tcp else { return try session(receivers: Array(0..<plan.receiverCount)) }
    var results: [CompareResult] = []
    var secondsBefore = 0.0
    for receiver in 0..<plan.receiverCount {
      for var result in try session(receivers: [receiver]) {
        result.secondsToLastImage += secondsBefore
        result.secondsToEnd += secondsBefore
        secondsBefore = result.secondsToEnd
        results.append(result)
      }
    }
    return results
  }

  private func session(receivers: [Int]) throws -> [CompareResult] {
    let port = mode == .multicast ? try Loopback.freePort() : 0
    let listening = Listening(count: receivers.count)
    let start = Mutex(Loopback.nanoseconds())
    let crew = Loopback.Crew(count: receivers.count) { index in
      defer { listening.gaveUp() }
      let receiver = try makeReceiver(receivers[index], port: port)
      let last = Mutex(0.0)
      let report = try receiver.run { event in
        switch event {
        case .listening(_, let port, _): listening.begin(port: port)
        case .image:
          let seconds = Loopback.seconds(since: start.withLock { $0 })
          last.withLock { $0 = seconds }
        default: break
        }
      }
      return View(
        report: report, lastImageSeconds: last.withLock { $0 },
        endSeconds: Loopback.seconds(since: start.withLock { $0 }))
    }
    var sent: NaiveSendReport?
    if let port = listening.port() {
      start.withLock { $0 = Loopback.nanoseconds() }
      sent = try makeSender(port: port).run(files)
    }
    try Balance.check([sent?.accounting])
    return try zip(receivers, crew.join()).map { receiver, outcome in
      let view = try outcome.get()
      try Balance.check([view.report.accounting])
      return result(receiver, view, sent)
    }
  }

  private var files: [NaiveFile] {
    plan.set.manifest.entries.enumerated().map { file, entry in
      NaiveFile(path: plan.set.path(ofFile: file), name: entry.name)
    }
  }

  private func makeReceiver(_ receiver: Int, port: Int) throws -> NaiveReceiver {
    var configuration = NaiveReceiveConfiguration(
      endpoint: NaiveEndpoint(
        mode: mode, host: mode == .multicast ? Loopback.group : Loopback.host, port: port,
        interface: mode == .multicast ? Loopback.interface : nil),
      into: folders[receiver])
    // Longer than the sender's sleep, or every run would end by it; not much longer, as a lost end marker costs it.
    configuration.limits.idleTimeoutNanoseconds = UInt64((plan.waitSeconds + 1) * 1e9)
    // The sender begins at once, so that one whose images were all lost has gone by then, and its end marker too.
    configuration.limits.waitNanoseconds = UInt64((plan.waitSeconds + 1 + pauseSeconds) * 1e9)
    if mode != .tcp {
      configuration.drop = FragmentLoss.decision(
        lossFraction: run.lossFraction, seed: plan.lossSeed(trial: run.trial, receiver: receiver))
    }
    return try NaiveReceiver(configuration)
  }

  /// All pauses of the sender together.
  private var pauseSeconds: Double { Double(plan.set.manifest.entries.count) * plan.pauseSeconds }

  private func makeSender(port: Int) throws -> NaiveSender {
    var configuration = NaiveSendConfiguration(
      endpoint: NaiveEndpoint(
        mode: mode, host: mode == .multicast ? Loopback.group : Loopback.host, port: port,
        interface: mode == .multicast ? Loopback.interface : nil))
    configuration.skipsUnsendableImages = true
    configuration.timing.waitNanoseconds = UInt64(plan.waitSeconds * 1e9)
    configuration.timing.pauseNanoseconds = mode == .tcp ? 0 : UInt64(plan.pauseSeconds * 1e9)
    return try NaiveSender(configuration)
  }

  private func result(_ receiver: Int, _ view: View, _ sent: NaiveSendReport?) -> CompareResult {
    var result = CompareResult(
      plan: plan, run: run, receiver: receiver, folder: folders[receiver], isPositional: true)
    result.secondsToLastImage = view.lastImageSeconds
    result.secondsToEnd = view.endSeconds
    result.endSeen = view.report.outcome == .endMarker
    result.inducedDropCount = view.report.droppedDatagramCount
    result.socketDropCount = view.report.socketDropCount ?? 0
    let refused = sent?.refusedImages.count ?? 0
    if refused > 0 { result.problem = "\(refused) images above 65,507 bytes: no datagram carries them" }
    if mode == .tcp {
      result.setStreamPackets(plan, .naive)
    } else {
      let sizes =
        plan.set.manifest.entries.map { Int($0.byteCount) }.filter { $0 <= NaiveLimit.datagramByteCount } + [
          0
        ]
      result.packetCount = UInt64(sizes.reduce(0) { $0 + FragmentLoss.fragmentCount(byteCount: $1) })
      result.packetByteCount = UInt64(sizes.reduce(0) { $0 + FragmentLoss.packetByteCount(byteCount: $1) })
    }
    return result
  }
}

/// Waits until every receiver listens, or one cannot.
private final class Listening: Sendable {
  private let state: Mutex<(waiting: Int, port: Int?, isOver: Bool)>
  private let semaphore = DispatchSemaphore(value: 0)

  init(count: Int) { state = Mutex((count, nil, false)) }

  func begin(port: Int) {
    let isReady = state.withLock { state in
      state.waiting -= 1
      state.port = port
      return state.waiting == 0
    }
    if isReady { semaphore.signal() }
  }

  /// A receiver ended; when it never listened, nobody must wait for it.
  func gaveUp() {
    state.withLock { $0.isOver = true }
    semaphore.signal()
  }

  /// The port that all listen at; nil when one of them could not.
  func port() -> Int? {
    semaphore.wait()
    return state.withLock { $0.isOver ? nil : $0.port }
  }
}
