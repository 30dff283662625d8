import Accounting
import Datagrams
import FileSet
import Glibc
import Ground
import Impairment
import NIOCore
import Network
import Session
import Trace
import Wire

/// One attempt of a sender: its handler, its progress, its report. Lives on its loop's thread.
final class UDPSendSession {
  let options: UDPSendOptions
  let path: UDPPath
  let source: SetSource
  private let loop: DatagramLoop
  var clock: SessionClock { loop.clock }
  let sessionID: UInt64
  /// Nil without a key.
  private let seal: SenderSeal?
  /// Of a group: the sessions with single members. Nil: nobody is served so.
  let sides: SideSessions?
  let joinSeconds: Double
  let tell: @Sendable (TransferEvent) -> Void
  private(set) var handler: UDPSendHandler?
  var meter = RateMeter()
  private(set) var startedAt: Instant?
  var isStartedByUser = false
  private var endedAt: Instant?
  /// When the last receiver's outcome was known. The session stays a little longer, for a *close* that was
  /// lost.
  private var answeredAt: Instant?
  /// When each receiver's outcome was known.
  private(set) var settledAt: [UInt64: Instant] = [:]
  private(set) var end: SenderEnd?
  /// The size of packet that the path is known to carry, once that is less than the session needs.
  private var carriedByteCount: Int?

  init(
    options: UDPSendOptions, path: UDPPath, source: SetSource, loop: DatagramLoop, sessionID: UInt64,
    seal: SenderSeal?, joinSeconds: Double, sides: SideSessions?,
    tell: @escaping @Sendable (TransferEvent) -> Void
  ) {
    self.sessionID = sessionID
    self.seal = seal
    self.sides = sides
    self.options = options
    self.path = path
    self.source = source
    self.loop = loop
    self.joinSeconds = joinSeconds
    self.tell = tell
  }

  /// Runs the session to its end.
  func run() throws(TransportError) -> UDPSendReport {
    let handler = try begin()
    loop.run(handler) { handler.cancel(reason: .endedByUser, text: "ended by the sender's user") }
    sides?.wait()
    tellUnserved()
    return try result(handler)
  }

  private func begin() throws(TransportError) -> UDPSendHandler {
    let impairments = options.impairments
    let handler = UDPSendHandler(
      configuration: configuration, source: source, seal: seal, loop: loop, destination: path.address,
      outgoing: ImpairedPath(
        impairments.outgoing, seed: impairments.seed, direction: .towardsReceiver,
        receiver: impairments.receiver),
      incoming: ImpairedPath(
        impairments.incoming, seed: impairments.seed, direction: .towardsSender,
        receiver: impairments.receiver),
      pathLimit: { [weak self] in self?.pathLimit(below: $0) },
      onRecut: { [weak self] in self?.traceStart() },
      onFailure: { [weak self] in self?.tell(.notice($0.description)) }
    ) { [weak self] in self?.handle($0) }
    handler.notes.keepsRequests = options.onSample != nil
    handler.signer = options.signing.map {
      AnnounceSigner($0, manifestDigest: source.manifestDigest, sessionID: sessionID)
    }
    self.handler = handler
    if let sides {
      handler.asking = UnicastAsking(sessionID: sessionID) { sides.runningCount }
      handler.onSide = { [weak self] in self?.beginSide($0, sessionID: $1, at: $2) }
    }
    handler.tracing = try tracing()
    handler.traceSealed()
    traceStart()
    loop.scheduleRepeatedly(each: .milliseconds(100)) { [weak self] in
      guard let self, end == nil else { return }
      startIfWanted()
      tellProgress()
      tellReceivers()
      checkPath()
    }
    loop.schedule(after: .seconds(1)) { [weak self] in self?.tellWaiting() }
    handler.start()
    return handler
  }

  private func tracing() throws(TransportError) -> UDPTracing? {
    try UDPTracing(
      options.trace, role: .sender, name: options.trace.hostName, local: localAddress, now: clock.now)
  }

  var localAddress: SocketAddress {
    var local = path.route.source
    local.port = loop.socket.localAddress?.port
    return local
  }

  /// Said before the first datagram, and again when the path carries another size than was tried first.
  private func traceStart() {
    handler?.tracing?.started(traced, now: clock.now)
  }

  private func endTrace(_ handler: UDPSendHandler) {
    let receivers = handler.machine.peers.map { "\($0.hostName.printable): \($0.outcome.word)" }
    handler.tracing?.end(outcome: traceOutcome, reason: receivers.joined(separator: ", "), now: clock.now)
      .forEach { tell(.notice($0)) }
    handler.tracing = nil
  }

  private var traceOutcome: TraceOutcome {
    switch end {
    case .finished: .finished
    case .cancelled: .cancelled
    case .nobodyListening: .nobodyListening
    case .pathTooNarrow: .pathTooNarrow
    case nil: .closed
    }
  }

  private var configuration: SenderMachine.Configuration {
    let isGroup = options.mode.isGroup
    let isOneWay = options.oneWay != nil
    let parity =
      options.parityBlocks
      ?? options.parity.blocks(isGroup: isGroup, isOneWay: isOneWay, receiverCount: options.receiverCount)
    // A size at which the set has too many chunks is none to choose.
    let smaller = path.chunkByteCounts.dropFirst().compactMap {
      try? source.candidate(chunkByteCount: $0, isGroup: isGroup, parity: parity)
    }
    let largest = source.candidate(source.shape, isGroup: isGroup, isOneWay: isOneWay, parity: parity)
    return SenderMachine.Configuration(
      sessionID: sessionID, announce: largest.announce, smaller: smaller, isGroup: isGroup,
      receiverCount: options.receiverCount ?? (isGroup ? SenderMachine.anyNumberOfReceivers : 1),
      joinNanoseconds: Nanoseconds(joinSeconds * 1e9), controller: options.controller,
      rateLimitBitsPerSecond: rateLimit, roundCount: options.oneWay?.roundCount,
      stragglerNanoseconds: options.stragglerNanoseconds, fixedParityShare: options.parity.fixedShare,
      seed: options.impairments.seed)
  }

  /// In datagrams as the machine knows them, which are shorter than those sent by the tag of a key.
  private var rateLimit: Double? {
    let full = Double(path.chunkByteCounts[0] + DataHeader.byteCount)
    return options.rateLimitBitsPerSecond.map { $0 * full / (full + Double(path.tagByteCount)) }
  }

  /// While sizes are tried: a router may have told the kernel what the path carries.
  private func pathLimit(below datagramByteCount: Int) -> PathCandidate? {
    guard !options.mode.isGroup, let mtu = path.carriedByteCount(below: datagramByteCount) else { return nil }
    carriedByteCount = mtu
    return try? source.candidate(chunkByteCount: path.chunkByteCount(mtuByteCount: mtu), isGroup: false)
  }

  /// Once data flow: a path that has become narrower takes none of them any more, and the kernel refuses
  /// them. The size holds for the session, so that it ends.
  private func checkPath() {
    guard startedAt != nil, end == nil, !options.mode.isGroup, let handler,
      handler.refusals.errno == EMSGSIZE,
      let mtu = path.carriedByteCount(below: handler.machine.datagramByteCount)
    else { return }
    carriedByteCount = mtu
    handler.cancel(reason: .limitExceeded, text: "the path carries packets of only \(mtu) bytes now")
  }

  private func handle(_ event: SenderEvent) {
    switch event {
    case .joined(let id, _):
      tell(.notice("receiver \(name(of: id)) joined"))
      let peer = handler?.machine.peer(id)
      tell(
        .joined(
          ReceiverJoin(
            name: peer?.hostName ?? "", address: handler?.notes.addresses[id] ?? "",
            receiverID: id.hexadecimal)))
    case .started: startedAt = clock.now
    case .peerEnded(let id, let outcome):
      answeredAt = clock.now
      settledAt[id] = clock.now
      if case .left(.needsUnicast, _) = outcome, sides != nil { return }
      if !outcome.isWhole { tellLost(id, outcome) }
    case .storage(let id, let kibibytes): tellStorage(id, missingKibibytes: kibibytes)
    case .ended(let end):
      self.end = end
      endedAt = clock.now
      tellProgress()
      tellReceivers()
    }
  }

  // MARK: Result

  private func result(_ handler: UDPSendHandler) throws(TransportError) -> UDPSendReport {
    endTrace(handler)
    if let failure = handler.readFailure { throw .fileSet(failure) }
    let size = handler.machine.datagramByteCount
    switch end {
    case .pathTooNarrow(let byteCount): throw tooNarrow(byteCount)
    case .cancelled(.limitExceeded, _): throw tooNarrow(size)
    case .nobodyListening where handler.allDropped != nil:
      let dropped = handler.allDropped
      throw .allDropped(count: dropped?.count ?? 0, isOutgoing: dropped?.isOutgoing ?? true, isSender: true)
    case .nobodyListening where handler.refusals.count > 0:
      throw .system(errno: handler.refusals.errno, doing: "sending to \(path.address.text)")
    case .nobodyListening where options.secret != nil:
      throw .nobodyHasKey(address: path.address.text, seconds: joinSeconds)
    case .nobodyListening: throw .nobodyListening(address: path.address.text, seconds: joinSeconds)
    case nil:
      throw .connectionLost(peer: path.address.text, reason: "the socket was closed")
    case .finished where options.oneWay != nil && isAllRefused(handler):
      throw .system(errno: handler.refusals.errno, doing: "sending to \(path.address.text)")
    case .finished where isBusy(handler.machine.peers): throw .receiverBusy(address: path.address.text)
    case .cancelled, .finished: return report(handler)
    }
  }

  /// This host has let nothing go.
  private func isAllRefused(_ handler: UDPSendHandler) -> Bool {
    handler.refusals.count > 0 && handler.refusals.count == handler.counters.handedCount
  }

  /// The only receiver has another session: it never joined this one.
  private func isBusy(_ peers: [SenderPeer]) -> Bool {
    guard !options.mode.isGroup, peers.count == 1, let peer = peers.first, peer.hostName.isEmpty,
      case .left(.refused, BusyAnswer.text) = peer.outcome
    else { return false }
    return true
  }

  private func tooNarrow(_ datagramByteCount: Int) -> TransportError {
    .pathTooNarrow(
      address: path.address.text, byteCount: datagramByteCount + path.headerByteCount,
      carriedByteCount: carriedByteCount, isFixed: path.isFixed)
  }

  private func report(_ handler: UDPSendHandler) -> UDPSendReport {
    let machine = handler.machine
    let counters = machine.counters
    let ended = endedAt ?? clock.now
    var answered = ended
    if case .finished = end { answered = answeredAt ?? ended }
    let receivers = machine.peers.map { receiver($0) }
    let expected = options.receiverCount ?? 1
    var problem: String?
    var outcome = TransferOutcome.someFilesFailed
    if case .cancelled(let reason, let text) = end {
      problem = text
      outcome = reason == .endedByUser ? .endedByUser : .failed
    }
    if problem == nil, options.oneWay == nil, receivers.count < expected, !isStartedByUser {
      problem = "\(receivers.count) of \(expected) receivers joined within \(joinSeconds.shortText) s"
    }
    let isWhole = problem == nil && machine.peers.allSatisfy { self.isWhole($0) }
    let isSent = options.oneWay != nil && problem == nil
    // Receivers with the whole set need nothing of the rest.
    let unsent = source.layout.totalChunkCount - min(machine.nextChunk, source.layout.totalChunkCount)
    return UDPSendReport(
      mode: options.mode.rawValue, destination: path.address.text, interface: path.interface?.name,
      sessionID: sessionID.hexadecimal, fileCount: source.layout.fileCount,
      fileByteCount: source.manifest.fileByteCount, chunkByteCount: source.layout.chunkByteCount,
      packetByteCount: machine.datagramByteCount + path.headerByteCount,
      isPathProbed: path.chunkByteCounts.count > 1,
      chunkCount: source.layout.totalChunkCount,
      chunksLeftOut: machine.chunksLeftOut + (isWhole ? unsent : 0),
      seconds: Double(ended.nanoseconds) / 1e9,
      transferSeconds: max(
        Double(answered - (startedAt ?? answered)) / 1e9,
        receivers.reduce(0) { $1.byUnicast == nil ? $0 : max($0, $1.seconds ?? 0) }),
      datagramsSent: handler.counters.sent.count, firstDatagrams: counters.firstDatagrams,
      repairDatagrams: counters.repairDatagrams, parityDatagrams: counters.parityDatagrams,
      controlDatagrams: counters.controlDatagrams,
      bytesSent: handler.counters.sent.byteCount,
      nacksReceived: counters.nacksReceived, repairsSuppressed: machine.repairsSuppressed,
      reportsReceived: counters.reportsReceived,
      badDatagrams: handler.counters.unreadableCount + counters.malformedDatagrams,
      inducedDropsOutgoing: handler.outgoing.droppedCount,
      inducedDropsIncoming: handler.incoming.droppedCount,
      refused: RefusedDatagrams(handler.refusals), areMarksAllowed: machine.allowsMarks, receivers: receivers,
      unicastSessions: sides?.reports ?? [],
      roundCount: options.oneWay == nil ? nil : machine.roundsSent, isWhole: isSent ? nil : isWhole,
      problem: problem,
      outcome: isWhole ? .whole : outcome, accounting: handler.account)
  }
}
