import FileSet
import Ground
import Impairment
import Session
import Synchronization
import Trace
import Transport

/// One session of the chunked protocol over UDP on loopback, with real sockets: a sender and its receivers in this
/// process. Losses and the path are induced at each receiver, in both directions.
struct LoopbackChunked: Sendable {
  var set: ScannedSet
  /// One a receiver.
  var folders: [String]
  /// Unicast has one receiver.
  var mode: TransferMode
  /// One a receiver: the path to it, and back.
  var paths: [ImpairedRoundTrip]
  /// One a receiver.
  var fates: [Fate]
  var controller = RateControllerKind.model
  var mtuByteCount = ComparePlan.mtuByteCount
  /// Of the sender, and of the first receiver.
  var trace = TraceOptions()
  var receiverTrace = TraceOptions()

  /// What a receiver's losses are drawn from.
  struct Fate: Sendable {
    var seed: UInt64
    var receiver: UInt64
  }

  struct Outcome: Sendable {
    var sent: UDPSendReport?
    /// Why the sender failed, when it did.
    var problem: String?
    var receivers: [Received]
    /// From the sender's start to its last confirmation.
    var seconds: Double
  }

  struct Received: Sendable {
    var report: UDPReceiveReport?
    var problem: String?
    /// From the sender's start to the last file verified.
    var lastFileSeconds: Double
  }

  private var udpMode: UDPMode {
    switch mode {
    case .broadcast: .broadcast
    case .multicast: .multicast
    case .unicast, .tcp: .unicast
    }
  }

  private var host: String {
    switch udpMode {
    case .unicast: Loopback.host
    case .broadcast: Loopback.broadcast
    case .multicast: Loopback.group
    }
  }

  func run() throws -> Outcome {
    let port = try Loopback.freePort()
    let receivers = folders.indices.map { UDPReceiver(receiveOptions($0, port: port)) }
    let start = Mutex(Loopback.nanoseconds())
    let listening = Mutex(0)
    let crew = Loopback.Crew(count: receivers.count) { index -> Received in
      let last = Mutex(0.0)
      var callbacks = ReceiveCallbacks()
      callbacks.onListening = { _ in listening.withLock { $0 += 1 } }
      callbacks.onVerified = { _ in
        let seconds = Loopback.seconds(since: start.withLock { $0 })
        last.withLock { $0 = seconds }
      }
      do throws(TransportError) {
        let report = try receivers[index].run(
          into: InboxOptions(path: folders[index], overwrite: true), callbacks: callbacks)
        return Received(report: report, lastFileSeconds: last.withLock { $0 })
      } catch {
        return Received(problem: "\(error)", lastFileSeconds: last.withLock { $0 })
      }
    }
    waitUntil { listening.withLock { $0 } == receivers.count }
    let began = Loopback.nanoseconds()
    start.withLock { $0 = began }
    var outcome = Outcome(receivers: [], seconds: 0)
    do throws(TransportError) {
      outcome.sent = try UDPSender(sendOptions(port: port)).run(
        set, onProgress: { _ in }, onNotice: { _ in })
    } catch {
      outcome.problem = "\(error)"
      receivers.forEach { $0.cancel() }
    }
    outcome.seconds = Loopback.seconds(since: began)
    outcome.receivers = try crew.join().map { try $0.get() }
    try Balance.check([outcome.sent?.accounting] + outcome.receivers.map { $0.report?.accounting })
    return outcome
  }

  /// A receiver that cannot listen ends by itself and says why, so this waits a second at most.
  private func waitUntil(_ isTrue: () -> Bool) {
    for _ in 0..<1_000 where !isTrue() { Loopback.pause(milliseconds: 1) }
  }

  private func sendOptions(port: Int) -> UDPSendOptions {
    var options = UDPSendOptions(host: host, port: port)
    options.mode = udpMode
    options.interface = udpMode.isGroup ? Loopback.interface : nil
    options.mtuByteCount = mtuByteCount
    options.receiverCount = udpMode.isGroup ? folders.count : nil
    options.joinSeconds = 20
    options.controller = controller
    options.trace = trace
    return options
  }

  private func receiveOptions(_ index: Int, port: Int) -> UDPReceiveOptions {
    var options = UDPReceiveOptions(port: port, hostName: "receiver-\(index)")
    options.mode = udpMode
    options.bindHost = udpMode == .multicast ? nil : host
    options.group = udpMode == .multicast ? host : nil
    options.interface = udpMode == .multicast ? Loopback.interface : nil
    options.waitSeconds = 30
    options.impairments.incoming = paths[index].forward
    options.impairments.outgoing = paths[index].backward
    options.impairments.seed = fates[index].seed
    options.impairments.receiver = fates[index].receiver
    if index == 0 { options.trace = receiverTrace }
    return options
  }
}
