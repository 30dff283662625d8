import Accounting
import Datagrams
import FileSet
import Ground
import Impairment
import NIOCore
import Session
import Trace
import Wire

/// Joins a `ReceiverMachine` to a socket and to the files it fills.
final class UDPReceiveHandler: DatagramDriver {
  /// Between two looks at the kernel's count of drops.
  private static let dropsIntervalNanoseconds: Nanoseconds = .milliseconds(5)

  var machine: ReceiverMachine
  var counters = UDPReceiveCounters()
  var failure: FileSetError?
  private(set) var outcome: SetOutcome?
  /// What arrived stays for a later session of the set.
  private(set) var arePartsKept = false

  private let makeStore: (Announce) throws(FileSetError) -> ReceivedSet
  let clock: SessionClock
  let writer: DatagramWriter
  var incoming: ImpairedPath
  private(set) var outgoing: ImpairedPath
  private(set) var (filter, announcers) = (SenderFilter(), Announcers())
  let loop: DatagramLoop
  private(set) var intake: ChunkIntake?  // nil until a session has begun
  private(set) var blocks: BlockIntake?  // nil until a session with parity has begun
  var isRebuildingScheduled = false  // a turn that rebuilds blocks is due
  /// The session of the intake. To read it from the machine would copy the machine for each datagram.
  private(set) var begunSessionID: UInt64 = 0
  /// All chunks are here: what is left is to store the files.
  var isSettling = false
  private var dropsPolledAt = Instant.zero
  /// Packets of the session that the induced impairment took on their way in.
  var inducedLosses = InducedLosses()
  var (toldStranger, needsKey) = (false, false)  // needsKey: a sender with a code was heard, without one here
  var invitations: InvitationAnswers?  // nil where no sender may find this receiver
  let seal: ReceiverSeal?  // nil without a code or a key
  var signatures = SignatureGate(trust: nil)  // replaced where only some senders are trusted
  var busyAnswer: BusyAnswer
  /// The session's sender was started anew with the same set: this receiver is to listen to the new one.
  var isSuperseded = false
  var storage = StorageWatch()
  var successor: (sessionID: UInt64, firstAt: Instant)?  // another session of the set
  var call: UnicastCall?  // the group's chunks do not get through: this receiver is to ask for unicast
  /// The group from which this receiver came to be served by unicast, and why its sender does not do so.
  var (origin, refusal): (UnicastCall?, String?)
  var tracing: UDPTracing?  // set before the first datagram; nil when nothing is traced
  var notes: ReceptionNotes?  // how chunks came, for a window; nil where there is none
  let onEvent: (UDPReceiveEvent) -> Void

  init(
    configuration: ReceiverMachine.Configuration, loop: DatagramLoop, incoming: ImpairedPath,
    outgoing: ImpairedPath, seal: ReceiverSeal?,
    makeStore: @escaping (Announce) throws(FileSetError) -> ReceivedSet,
    onEvent: @escaping (UDPReceiveEvent) -> Void
  ) {
    machine = ReceiverMachine(configuration)
    busyAnswer = BusyAnswer(receiverID: configuration.receiverID)
    self.loop = loop
    clock = loop.clock
    writer = DatagramWriter(loop.socket)
    self.incoming = incoming
    (self.outgoing, self.seal) = (outgoing, seal)
    self.makeStore = makeStore
    self.onEvent = onEvent
  }

  func cancel(reason: AbortReason, text: String) {
    machine.cancel(reason: reason, text: text, now: clock.now)
    pump()
  }

  // MARK: What arrives

  func receive(_ arrival: Arrival) {
    counters.arrive(train: arrival.bytes.count, segment: arrival.segmentByteCount)
    guard !arrival.bytes.isEmpty else { return counters.receiveEmpty() }
    let now = loop.readAt
    tracing?.read(arrival, now: now)
    let isStrange = filter.refuses(arrival, now: now)
    guard incoming.isNone else { return impair(arrival, isStrange, now: now) }
    noting(arrival.isMarked) {
      receive(arrival.bytes, segment: arrival.segmentByteCount, isStrange, from: { arrival.sender }, now: now)
    }
  }

  func readComplete() {
    flush()
    pump()
  }

  func wasAway(_ nanoseconds: Nanoseconds) {
    machine.noteAbsence(nanoseconds)
    filter.postpone(by: nanoseconds)
  }

  /// A train of datagrams of `segment` bytes, the last perhaps shorter. Consecutive chunks go to the files
  /// together, when the read is complete or their row ends.
  func receive(
    _ train: UnsafeRawBufferPointer, segment: Int, _ isStrange: Bool, from: () -> SocketAddress?, now: Instant
  ) {
    if let seal { return open(train, segment, by: seal, isStrange, from: from, now: now) }
    counters.receive(train: train.count, segment: segment)
    train.eachSegment(segment) { receive(datagram: $0, isStrange, from: from, now: now) }
  }

  @inline(__always)
  func receive(
    datagram: UnsafeRawBufferPointer, _ isStrange: Bool, from: () -> SocketAddress?, now: Instant
  ) {
    tracing?.received(datagram, isOver: machine.hasEnded, now: now)
    if isStrange, DatagramHeader.sessionID(of: datagram) == begunSessionID {
      counters.foreign.add(byteCount: datagram.count)
    } else if datagram.count > DataHeader.byteCount, datagram[2] == MessageType.data.rawValue {
      receiveData(datagram, from: from, now: now)
    } else if datagram.count > ParityHeader.byteCount, datagram[2] == MessageType.parity.rawValue {
      receiveParity(datagram, from: from, now: now)
    } else {
      receiveControl(datagram, from: from(), now: now)
    }
  }

  private func receiveData(
    _ datagram: UnsafeRawBufferPointer, from: () -> SocketAddress?, now: Instant
  ) {
    let data: DataDatagram
    do { data = try DataDatagram.decode(datagram.assumingMemoryBound(to: UInt8.self).span) } catch {
      return countBad(error, datagram)
    }
    if intake == nil,
      let announce = machine.announceBegun(bySessionID: data.sessionID, chunkIndex: data.chunkIndex)
    {
      begin(announce, sessionID: data.sessionID, from: from(), now: now)
    }
    if let intake, data.sessionID == begunSessionID, !intake.hasRightLength(data) {
      return counters.foreign.add(byteCount: datagram.count)
    }
    // Without an intake the session has not begun, or is over: the machine says so.
    let fate = machine.handleData(
      sessionID: data.sessionID, packetNumber: data.packetNumber, chunkIndex: data.chunkIndex,
      timestamp: data.timestamp, grttCode: data.grttCode, isRepair: data.flags.contains(.repair),
      byteCount: datagram.count, canKeep: intake?.canKeep(data.chunkIndex) ?? false, now: now)
    if fate == .refused { noteRefused(data) }
    guard let intake, fate == .keep, !(blocks?.isInSet(data.chunkIndex) ?? false),
      let base = datagram.baseAddress
    else { return }
    if notes != nil { notes?.noteArrival(of: data, now: now) }
    if let flushed = intake.keep(data, at: base) { take(flushed) }
  }

  private func receiveControl(_ datagram: UnsafeRawBufferPointer, from: SocketAddress?, now: Instant) {
    flush()
    if receiveInvitation(datagram, from: from, now: now) { return }
    do {
      let (header, message) = try ControlMessage.decode(datagram.assumingMemoryBound(to: UInt8.self).span)
      if case .close(let close) = message, header.sessionID == machine.sessionID {
        counters.droppedBySender = max(counters.droppedBySender, close.inducedDropCount)
      }
      if case .announce(let announce) = message, refuses(announce, header, from: from, now: now) {
        return counters.foreign.add(byteCount: datagram.count)
      }
      machine.handle(message, header: header, byteCount: datagram.count, now: now)
      guard let from else { return }
      answerOther(message, header: header, byteCount: datagram.count, to: from, now: now)
      if machine.phase == .listening {
        announcers.note(from, sessionID: header.sessionID, machine: machine)
      } else if header.sessionID == machine.sessionID {
        take(sender: from)
      }
    } catch {
      countBad(error, datagram)
      if machine.phase == .listening { tellStranger(error, datagram) }
    }
  }

  private func take(sender address: SocketAddress) {
    guard address != filter.sender else { return }
    filter.use(address, now: clock.now)
    if !machine.isGroup { loop.narrowing.peer = address }
  }

  /// The first chunk of a session is here. A set that cannot be taken is refused, and others are listened to.
  func begin(_ announce: Announce, sessionID: UInt64, from: SocketAddress?, now: Instant) {
    guard let address = announcers[sessionID] ?? from else { return }
    do {
      let files = try makeStore(announce)
      intake = ChunkIntake(
        files, loop: loop, onEvent: { [onEvent] in onEvent(.file($0)) },
        onForgotten: { [weak self] in self?.forget([$0]) }
      ) { [weak self] in self?.tellVerified($0) }
      blocks = BlockGeometry(announce).map { BlockIntake($0, files: files) }
      begunSessionID = sessionID
      filter.use(address, now: now)
      if !announce.options.contains(.group) { loop.narrowing.peer = address }
      announcers.forgetAll()
      machine.begin(sessionID, holding: files.resumedChunks, now: now)
      onEvent(.began(announce, sessionID: sessionID, from: address))
      beginStoring()
    } catch {
      machine.refuse(
        sessionID: sessionID, reason: error.isStorageFailure ? .cannotStore : .refused,
        text: error.description, now: now)
      if error.isStorageFailure, !error.isNoRoom { return fail(error) }  // such a folder takes no set
      onEvent(.refused(from: address, error))
    }
  }

  // MARK: What is sent

  func pump() {
    guard loop.isOpen else { return }
    writer.resume()
    let now = clock.now
    machine.handleWake(now: loop.turnBeganAt)
    machine.detectLosses(now: now)
    pollDrops(now: now)
    while let transmission = machine.pollTransmit(now: now, socketDrops: counters.socketDrops) {
      send(transmission, now: now)
    }
    tracing?.phase(machine.phase, now: now)
    while let event = machine.pollEvent() { handle(event) }
    let wakeAt = machine.deadline()
    if wakeAt == .never, machine.hasEnded { return loop.close() }
    loop.wakeAt = writer.isFull ? now + DatagramWriter.retryNanoseconds : wakeAt
  }

  private func send(_ transmission: ReceiverTransmission, now: Instant) {
    let known = transmission.sessionID == machine.sessionID ? filter.sender : nil
    guard let sender = known ?? announcers[transmission.sessionID] else { return }
    let ordinary = transmission.message.encode(
      sessionID: transmission.sessionID, packetNumber: transmission.packetNumber, flags: transmission.flags)
    guard let bytes = sealed(ordinary, sessionID: transmission.sessionID) else { return }
    counters.sent.add(byteCount: bytes.count)
    let buffer = ByteBuffer(bytes: bytes)
    tracing?.sent(ByteBuffer(bytes: ordinary), segment: ordinary.count, now: now)
    notes?.noteSent(transmission.message, now: now)
    let verdict = outgoing.verdict(
      packetNumber: transmission.packetNumber, kind: transmission.message.type.rawValue,
      byteCount: bytes.count,
      now: now)
    tracing?.decided(verdict, buffer, .outgoing, now: now)
    ImpairedPath.schedule(verdict, bytes: buffer, on: loop, outgoing.flight) {
      [weak self] copy, _ in
      guard let self else { return }
      self.counters.handedCount += 1
      self.tracing?.written(copy, segment: nil, to: sender, now: self.clock.now)
      self.writer.write(copy, segmentByteCount: copy.readableBytes, to: sender)
    }
  }

  /// A system call: not for each read, but before the end and now and then.
  private func pollDrops(now: Instant) {
    guard now >= dropsPolledAt + Self.dropsIntervalNanoseconds || isSettling else { return }
    dropsPolledAt = now
    loop.socket.dropCount.map { counters.socketDrops = $0 }
  }

  // MARK: The end

  /// The session is over: stores what is whole, and removes the rest or keeps it for a later session, before
  /// anybody is told. Returns how the set ended.
  func closeFiles() -> SetOutcome {
    defer { (intake, blocks) = (nil, nil) }
    let rest = intake?.close(keepsParts: failure == nil) ?? SetOutcome()
    arePartsKept = arePartsKept || intake?.arePartsKept ?? false
    return outcome ?? rest
  }

  private func tellVerified(_ done: SetOutcome) {
    guard isSettling, !machine.hasEnded else { return }
    outcome = done
    machine.handleVerified(
      verified: UInt32(clamping: done.verifiedFileCount), failed: UInt32(clamping: done.failures.count),
      status: done.completeStatus, text: done.completeText, now: clock.now)
    pump()
  }
}
