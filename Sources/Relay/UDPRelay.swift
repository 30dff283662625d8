import Datagrams
import Glibc
import Ground
import Impairment
package import NIOCore
import Network

/// A relay between programs that know nothing of it: hands datagrams on, both ways, and impairs them. One
/// thread does all.
package final class UDPRelay: Sendable {
  /// More hosts than a lesson has.
  package static let clientLimit = 64

  private let options: RelayOptions
  private let bell: Bell

  /// Throws `RelayError`.
  package init(_ options: RelayOptions) throws(RelayError) {
    self.options = options
    do { bell = try Bell() } catch {
      throw .cannotListen(address: options.listen.listeningText, errno: (error as? IOError)?.errnoCode ?? 0)
    }
  }

  /// Ends the run, from any thread.
  package func cancel() { bell.ring() }

  /// Runs until it is cancelled, or its time is over. `listening` is told the address. Throws `RelayError`.
  package func run(listening: (SocketAddress) -> Void) throws(RelayError) -> RelayReport {
    let run = try RelayRun(options, bell)
    listening(run.address)
    run.run()
    return try run.end()
  }
}

/// One run of a relay: its sockets, and what is on its way.
private final class RelayRun {
  /// Datagrams of one socket in a turn, so that none keeps the others waiting.
  private static let readsPerTurn = 64
  private static let datagramByteCount = 65_536
  /// Each takes a socket. When there is no room for a new one, that which was silent for longest gives way.
  private static let flowLimit = 256

  let address: SocketAddress
  private let options: RelayOptions
  private let bell: Bell
  private let socket: RelaySocket
  private let isTargetOne: Bool
  private let clock = SessionClock()
  private let records: RelayRecords
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: RelayRun.datagramByteCount, alignment: 16)
  private var clients: [RelayClient] = []
  private var flows: [SocketAddress: RelayFlow] = [:]
  private var flight = RelayFlight()
  private var refusedCount: UInt64 = 0

  init(_ options: RelayOptions, _ bell: Bell) throws(RelayError) {
    self.options = options
    self.bell = bell
    isTargetOne = AddressKind(options.target) == .oneHost
    do { socket = RelaySocket(try UDPSocket(at: options.listen, sharesPort: false)) } catch {
      let text = options.listen.listeningText
      let errno = (error as? IOError)?.errnoCode ?? 0
      throw errno == EADDRINUSE ? .portInUse(address: text) : .cannotListen(address: text, errno: errno)
    }
    address = socket.localAddress ?? options.listen
    records = try RelayRecords(options)
  }

  deinit { buffer.deallocate() }

  func run() {
    let endAt = options.durationNanoseconds.map { clock.now + $0 } ?? .never
    while !bell.hasRung {
      let now = clock.now
      guard now < endAt else { return }
      while let copy = flight.takeDue(now: now) {
        copy.flow.client[isToTarget: copy.isToTarget].delayedCount -= 1
        deliver(copy)
      }
      wait(until: min(flight.nextAt, endAt))
      readClients()
      for flow in flows.values { readTarget(flow) }
    }
  }

  private func wait(until next: Instant) {
    let idle = min(next - clock.now, .seconds(3_600))
    var ends = [bell.descriptor, socket.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    ends += flows.values.map { pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0) }
    // Rounded up: rounded down, the last millisecond would be a busy loop.
    poll(&ends, nfds_t(ends.count), Int32((idle + 999_999) / 1_000_000))
  }

  private func readClients() {
    for _ in 0..<Self.readsPerTurn {
      guard let (byteCount, sender, field) = socket.read(into: buffer) else { return }
      guard let flow = flow(of: sender) else {
        refusedCount += 1
        continue
      }
      flow.usedAt = clock.now
      pass(UnsafeRawBufferPointer(rebasing: buffer[..<byteCount]), field, flow, isToTarget: true)
    }
  }

  private func readTarget(_ flow: RelayFlow) {
    for _ in 0..<Self.readsPerTurn {
      guard let (byteCount, sender, field) = flow.socket.read(into: buffer) else { return }
      // The members of a group answer from their own addresses.
      guard !isTargetOne || sender == options.target else { continue }
      pass(UnsafeRawBufferPointer(rebasing: buffer[..<byteCount]), field, flow, isToTarget: false)
    }
  }

  /// The flow of this address; a new one gets a socket. Nil when there is none for it.
  private func flow(of sender: SocketAddress) -> RelayFlow? {
    if let flow = flows[sender] { return flow }
    guard let client = client(sender) else { return nil }
    if flows.count >= Self.flowLimit, let oldest = flows.min(by: { $0.value.usedAt < $1.value.usedAt }) {
      flows[oldest.key] = nil
    }
    let any = options.target.isIPv6 ? "::" : "0.0.0.0"
    guard let local = try? SocketAddress(ipAddress: any, port: 0),
      let socket = try? UDPSocket(at: local, sharesPort: false)
    else { return nil }
    let flow = RelayFlow(client, address: sender, socket: RelaySocket(socket), usedAt: clock.now)
    flows[sender] = flow
    return flow
  }

  private func client(_ sender: SocketAddress) -> RelayClient? {
    let address = sender.plainIPAddress ?? ""
    if let client = clients.first(where: { $0.address == address }) { return client }
    guard clients.count < UDPRelay.clientLimit else { return nil }
    let number = clients.count
    let client = RelayClient(number, address: address, path: options.path(number), seed: options.seed)
    clients.append(client)
    return client
  }

  /// `field`: its ECN field. A bottleneck marks what may be marked.
  private func pass(
    _ datagram: UnsafeRawBufferPointer, _ field: UInt8, _ flow: RelayFlow, isToTarget: Bool
  ) {
    if let script = options.script {
      for bytes in script(Array(datagram), isToTarget) {
        deliver(
          RelayFlight.Copy(flow: flow, isToTarget: isToTarget, bytes: bytes, congestionField: field))
      }
      return
    }
    let now = clock.now
    let verdict = flow.client[isToTarget: isToTarget].path.verdict(of: datagram, now: now)
    records.note(datagram, verdict, isToTarget: isToTarget)
    let deliveries: [Delivery] =
      switch verdict {
      case .dropped: []
      case .delivered(let one): [one]
      case .duplicated(let one, let two): [one, two]
      }
    for delivery in deliveries {
      var bytes = Array(datagram.prefix(delivery.byteCount(of: datagram.count)))
      var span = bytes.mutableSpan
      delivery.apply(to: &span)
      let copy = RelayFlight.Copy(
        flow: flow, isToTarget: isToTarget, bytes: bytes,
        congestionField: field != 0 && delivery.isMarked ? 3 : field)
      if delivery.delayNanoseconds == 0 {
        deliver(copy)
      } else if flight.insert(copy, at: now + delivery.delayNanoseconds) {
        flow.client[isToTarget: isToTarget].delayedCount += 1
      } else {
        flow.client[isToTarget: isToTarget].notSentCount += 1
      }
    }
  }

  private func deliver(_ copy: RelayFlight.Copy) {
    let flow = copy.flow
    let isSent =
      copy.isToTarget
      ? flow.socket.write(copy.bytes, congestionField: copy.congestionField, to: options.target)
      : socket.write(copy.bytes, congestionField: copy.congestionField, to: flow.address)
    if isSent {
      flow.client[isToTarget: copy.isToTarget].deliveredCount += 1
      records.captured(
        copy.bytes, congestionField: copy.congestionField, client: flow.address, isToTarget: copy.isToTarget)
    } else {
      flow.client[isToTarget: copy.isToTarget].notSentCount += 1
    }
  }

  /// Closes the records. Throws when one could not be written.
  func end() throws(RelayError) -> RelayReport {
    try records.close()
    return RelayReport(
      clients: clients.map {
        RelayReport.Client(
          address: $0.address, toTarget: RelayReport.Way($0.toTarget), toClient: RelayReport.Way($0.toClient))
      }, refusedDatagrams: refusedCount)
  }
}
