package import Ground
package import FileSet
package import Naive
import Synchronization

/// One run of the naive protocol over loopback, with real sockets: a sender and its receivers in this
/// process.
package struct LoopbackNaive: Sendable {
  private let set: ScannedSet
  /// One a receiver.
  private let folders: [String]
  private let mode: TransferMode
  /// One a receiver: which datagrams it loses. Nil: none.
  private let drops: [NaiveDropDecision?]
  /// The sender's pause between two images.
  package var pauseSeconds = 0.0
  /// The sender's sleep before the end marker.
  package var waitSeconds = 3.0

  package init(set: ScannedSet, folders: [String], mode: TransferMode, drops: [NaiveDropDecision?]) {
    self.set = set
    self.folders = folders
    self.mode = mode
    self.drops = drops
  }

  package struct Outcome: Sendable {
    /// Images that no datagram carries.
    package var refusedImageCount = 0
    package var receivers: [Received] = []
  }

  /// One receiver's report and times.
  package struct Received: Sendable {
    package var report: NaiveReceiveReport
    /// From the sender's start to the last image stored.
    package var lastImageSeconds: Double
    /// From the sender's start to the receiver's end.
    package var endSeconds: Double
  }

  /// Throws the error of a side that could not run, and `unbalanced` when an account does not balance.
  package func run() throws -> Outcome {
    guard mode == .tcp else { return try session(receivers: Array(folders.indices)) }
    // TCP serves one receiver after the other, as the course's programs do.
    var outcome = Outcome()
    var secondsBefore = 0.0
    for receiver in folders.indices {
      let one = try session(receivers: [receiver])
      outcome.refusedImageCount = one.refusedImageCount
      for var received in one.receivers {
        received.lastImageSeconds += secondsBefore
        received.endSeconds += secondsBefore
        secondsBefore = received.endSeconds
        outcome.receivers.append(received)
      }
    }
    return outcome
  }

  private func session(receivers: [Int]) throws -> Outcome {
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
      return Received(
        report: report, lastImageSeconds: last.withLock { $0 },
        endSeconds: Loopback.seconds(since: start.withLock { $0 }))
    }
    var sent: NaiveSendReport?
    if let port = listening.port() {
      start.withLock { $0 = Loopback.nanoseconds() }
      sent = try makeSender(port: port).run(files)
    }
    try Balance.check([sent?.accounting])
    let received = try crew.join().map { try $0.get() }
    try Balance.check(received.map(\.report.accounting))
    return Outcome(refusedImageCount: sent?.refusedImages.count ?? 0, receivers: received)
  }

  private var files: [NaiveFile] {
    self.set.manifest.entries.enumerated().map { file, entry in
      NaiveFile(path: self.set.path(ofFile: file), name: entry.name)
    }
  }

  private func endpoint(port: Int) -> NaiveEndpoint {
    NaiveEndpoint(
      mode: mode, host: mode == .multicast ? Loopback.group : Loopback.host, port: port,
      interface: mode == .multicast ? Loopback.interface : nil)
  }

  private func makeReceiver(_ receiver: Int, port: Int) throws -> NaiveReceiver {
    var configuration = NaiveReceiveConfiguration(endpoint: endpoint(port: port), into: folders[receiver])
    // Longer than the sender's sleep: else the timeout would end every run. Not much longer, because a run
    // whose end marker is lost lasts until the timeout.
    configuration.limits.idleTimeoutNanoseconds = UInt64((waitSeconds + 1) * 1e9)
    // The sender begins at once. If all its images are lost, this much later it has sent its end marker too.
    let allPauses = Double(set.manifest.entries.count) * pauseSeconds
    configuration.limits.waitNanoseconds = UInt64((waitSeconds + 1 + allPauses) * 1e9)
    if mode != .tcp { configuration.drop = drops[receiver] }
    return try NaiveReceiver(configuration)
  }

  private func makeSender(port: Int) throws -> NaiveSender {
    var configuration = NaiveSendConfiguration(endpoint: endpoint(port: port))
    configuration.skipsUnsendableImages = true
    configuration.timing.waitNanoseconds = UInt64(waitSeconds * 1e9)
    configuration.timing.pauseNanoseconds = mode == .tcp ? 0 : UInt64(pauseSeconds * 1e9)
    return try NaiveSender(configuration)
  }
}
