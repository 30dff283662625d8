package import FileSet
package import Ground
package import Impairment
package import Session
import Synchronization
package import Trace
package import Transport

/// One session of the chunked protocol over UDP on loopback, with real sockets: a sender and its receivers in
/// this process. Losses and the path are induced at each receiver, in both directions.
package struct LoopbackChunked: Sendable {
  var set: ScannedSet
  /// One a receiver.
  var folders: [String]
  /// Unicast has one receiver.
  var mode: TransferMode
  /// One a receiver: the path to it, and back.
  var paths: [ImpairedRoundTrip]
  /// One a receiver.
  var fates: [Fate]
  package var controller = RateControllerKind.model
  /// Of a group; nil: repair by chunks alone.
  package var parity: ParityChoice.Blocks?
  /// With `parity`: symbols for each chunk that leave unasked; nil: as the loss asks for.
  package var fixedParityShare: Double?
  /// Bytes of an IP packet.
  package var mtuByteCount = 1_500
  /// Of the sender, and of the first receiver.
  package var trace = TraceOptions()
  package var receiverTrace = TraceOptions()
  /// Hears which chunks the first receiver has.
  package var onSample: (@Sendable (ReceptionSample) -> Void)?

  package init(
    set: ScannedSet, folders: [String], mode: TransferMode, paths: [ImpairedRoundTrip], fates: [Fate]
  ) {
    self.set = set
    self.folders = folders
    self.mode = mode
    self.paths = paths
    self.fates = fates
  }

  /// What a receiver's losses are drawn from.
  package struct Fate: Sendable {
    var seed: UInt64
    var receiver: UInt64

    package init(seed: UInt64, receiver: UInt64) {
      self.seed = seed
      self.receiver = receiver
    }
  }

  package struct Outcome: Sendable {
    package var sent: UDPSendReport?
    /// Why the sender failed, when it did.
    package var problem: String?
    package var receivers: [Received]
    /// From the sender's start to its last confirmation.
    package var seconds: Double
  }

  package struct Received: Sendable {
    package var report: UDPReceiveReport?
    package var problem: String?
    /// From the sender's start to the last file verified.
    package var lastFileSeconds: Double
  }

  private var host: String {
    switch mode {
    case .unicast, .tcp: Loopback.host
    case .broadcast: Loopback.broadcast
    case .multicast: Loopback.group
    }
  }

  /// Throws `noPort`, and `unbalanced` when an account does not balance. A side that fails says why in the
  /// outcome.
  package func run() throws -> Outcome {
    let port = try Loopback.freePort()
    let receivers = folders.indices.map { UDPReceiver(receiverOptions($0, port: port)) }
    let start = Mutex(Loopback.nanoseconds())
    let listening = Listening(count: receivers.count)
    let crew = Loopback.Crew(count: receivers.count) { index -> Received in
      defer { listening.gaveUp() }
      let last = Mutex(0.0)
      do throws(TransportError) {
        let report = try receivers[index].run { event in
          switch event {
          case .listening(_, let port): listening.begin(port: port)
          case .verified:
            let seconds = Loopback.seconds(since: start.withLock { $0 })
            last.withLock { $0 = seconds }
          case .began, .found, .way, .joined, .lost, .unicast, .storage, .progress, .arrived, .notice, .ended:
            break
          }
        }
        return Received(report: report, lastFileSeconds: last.withLock { $0 })
      } catch {
        return Received(problem: "\(error)", lastFileSeconds: last.withLock { $0 })
      }
    }
    _ = listening.port()  // a receiver that cannot listen says why in its report
    let began = Loopback.nanoseconds()
    start.withLock { $0 = began }
    var outcome = Outcome(receivers: [], seconds: 0)
    do throws(TransportError) {
      outcome.sent = try UDPSender(set, sendOptions(port: port)).run { _ in }
    } catch {
      outcome.problem = "\(error)"
      receivers.forEach { $0.cancel() }
    }
    outcome.seconds = Loopback.seconds(since: began)
    outcome.receivers = try crew.join().map { try $0.get() }
    try Balance.check([outcome.sent?.accounting] + outcome.receivers.map { $0.report?.accounting })
    return outcome
  }

  private func sendOptions(port: Int) -> UDPSendOptions {
    var options = UDPSendOptions(host: host, port: port)
    options.mode = mode
    options.interface = mode.isGroup ? Loopback.interface : nil
    options.mtuByteCount = mtuByteCount
    options.receiverCount = mode.isGroup ? folders.count : nil
    options.joinSeconds = 20
    options.controller = controller
    options.parity = fixedParityShare.map { .fixed(share: $0) } ?? .off
    options.parityBlocks = parity
    options.trace = trace
    return options
  }

  private func receiverOptions(_ index: Int, port: Int) -> ReceiverOptions {
    var options = ReceiverOptions(
      port: port, inbox: InboxOptions(path: folders[index], overwrite: true, resumes: false),
      hostName: "receiver-\(index)")
    options.mode = mode
    options.bindHost = mode == .multicast ? nil : host
    options.group = mode == .multicast ? host : nil
    options.interface = mode == .multicast ? Loopback.interface : nil
    options.waitSeconds = 30
    options.impairments.incoming = paths[index].forward
    options.impairments.outgoing = paths[index].backward
    options.impairments.seed = fates[index].seed
    options.impairments.receiver = fates[index].receiver
    if index == 0 { (options.trace, options.onSample) = (receiverTrace, onSample) }
    return options
  }
}
