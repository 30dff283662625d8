import Accounting
import Datagrams
import FileSet
import Ground
import Impairment
import NIOCore
import Session
import Trace
import Wire

/// What a receiver's driver tells its owner.
enum UDPReceiveEvent {
  case began(Announce, sessionID: UInt64, from: SocketAddress)
  case file(ReceivedEvent)
  /// An announced set was not taken.
  case refused(from: SocketAddress, FileSetError)
  /// A sender of another protocol or version is heard, while no session has begun.
  case stranger(String)
}

/// Joins a `ReceiverMachine` to a socket and to the files it fills.
final class UDPReceiveHandler: DatagramDriver {
  /// How long files are stored before the network is looked at again. A file system that is slow can make it longer by one
  /// file's time: then the next datagrams are read first.
  private static let storingNanoseconds: Nanoseconds = .milliseconds(1)
  /// Between two looks at what the kernel dropped at our socket.
  private static let dropsIntervalNanoseconds: Nanoseconds = .milliseconds(5)

  private(set) var machine: ReceiverMachine
  private(set) var counters = UDPReceiveCounters()
  private(set) var failure: FileSetError?
  private(set) var outcome: SetOutcome?
  private(set) var files: ReceivedSet?

  private let makeStore: (Announce, UInt64) throws(FileSetError) -> ReceivedSet
  private let clock: SessionClock
  private let writer: DatagramWriter
  private var incoming: ImpairedPath
  private var outgoing: ImpairedPath
  /// Whose session this is; nil until one has begun.
  private var sender: SocketAddress?
  /// Where the sessions that were announced come from.
  private var announcers: [UInt64: SocketAddress] = [:]
  private let loop: DatagramLoop
  private var run = ChunkBatch()
  /// All chunks are here: what is left is to store the files.
  private var isSettling = false
  private var isStoringSoon = false
  private var dropsPolledAt = Instant.zero
  /// Packets of the session that the induced impairment took on their way in.
  private var inducedLosses = InducedLosses()
  private var toldStranger = false
  private var busyAnswer: BusyAnswer
  /// Set before the first datagram; nil when nothing is traced.
  var tracing: UDPTracing?
  private let onEvent: (UDPReceiveEvent) -> Void

  init(
    configuration: ReceiverMachine.Configuration, loop: DatagramLoop,
    incoming: ImpairedPath, outgoing: ImpairedPath,
    makeStore: @escaping (Announce, UInt64) throws(FileSetError) -> ReceivedSet,
    onEvent: @escaping (UDPReceiveEvent) -> Void
  ) {
    machine = ReceiverMachine(configuration)
    busyAnswer = BusyAnswer(receiverID: configuration.receiverID)
    self.loop = loop
    clock = loop.clock
    writer = DatagramWriter(loop.socket)
    self.incoming = incoming
    self.outgoing = outgoing
    self.makeStore = makeStore
    self.onEvent = onEvent
  }

  var refusals: DatagramWriter.Refusals { writer.refusals }
  var inducedDropCount: (outgoing: UInt64, incoming: UInt64) {
    (outgoing.droppedCount, incoming.droppedCount)
  }

  func cancel(reason: AbortReason, text: String) {
    machine.cancel(reason: reason, text: text, now: clock.now)
    pump()
  }

  /// The store and its parts go with this.
  func releaseFiles() { files = nil }

  // MARK: What arrives

  func receive(_ arrival: Arrival) {
    counters.arrive(train: arrival.bytes.count, segment: arrival.segmentByteCount)
    guard !arrival.bytes.isEmpty else { return counters.receiveEmpty() }
    let now = clock.now
    tracing?.read(arrival, now: now)
    guard incoming.isNone else { return impair(arrival, now: now) }
    receive(arrival.bytes, segment: arrival.segmentByteCount, from: { arrival.sender }, now: now)
  }

  func readComplete() {
    flushBatch()
    pump()
  }

  func wasAway(_ nanoseconds: Nanoseconds) { machine.noteAbsence(nanoseconds) }

  private func impair(_ arrival: Arrival, now: Instant) {
    guard let from = arrival.sender else { return }
    arrival.eachDatagram { bytes in
      let datagram = ByteBuffer(bytes: bytes)
      let verdict = incoming.verdict(of: bytes, now: now)
      tracing?.decided(verdict, datagram, .incoming, now: now)
      if case .dropped = verdict { inducedLosses.note(datagram, machine: machine, now: now) }
      ImpairedPath.schedule(verdict, bytes: datagram, on: loop, incoming.flight) { [weak self] copy in
        guard let self else { return }
        let now = self.clock.now
        copy.withUnsafeReadableBytes {
          self.receive($0, segment: $0.count, from: { from }, now: now)
          self.flushBatch()
        }
        if case .delivered(let one) = verdict, one.delayNanoseconds == 0 { return }
        self.pump()
      }
    }
  }

  /// A train of datagrams of `segment` bytes, the last perhaps shorter. Consecutive chunks go to the files together, when
  /// the read is complete or their row ends.
  private func receive(
    _ train: UnsafeRawBufferPointer, segment: Int, from: () -> SocketAddress?, now: Instant
  ) {
    counters.receive(train: train.count, segment: segment)
    train.eachSegment(segment) { datagram in
      tracing?.received(datagram, now: now)
      if datagram.count > DataHeader.byteCount, datagram[2] == MessageType.data.rawValue {
        receiveData(datagram, from: from, now: now)
      } else {
        receiveControl(datagram, from: from(), now: now)
      }
    }
  }

  private func receiveData(
    _ datagram: UnsafeRawBufferPointer, from: () -> SocketAddress?, now: Instant
  ) {
    let data: DataDatagram
    do { data = try DataDatagram.decode(datagram.assumingMemoryBound(to: UInt8.self).span) } catch {
      return countBad(error, datagram)
    }
    if files == nil,
      let announce = machine.announceBegun(bySessionID: data.sessionID, chunkIndex: data.chunkIndex)
    {
      begin(announce, sessionID: data.sessionID, from: from(), now: now)
    }
    if let files, machine.sessionID == data.sessionID || machine.phase == .listening,
      !files.hasRightLength(data.chunkIndex, payloadByteCount: data.payload.count)
    {
      return counters.foreign.add(byteCount: datagram.count)
    }
    // Without files the session has not begun, or is over: the machine says so.
    let canKeep = files?.canKeep(data.chunkIndex, pendingCount: run.count) ?? false
    let fate = machine.handleData(
      sessionID: data.sessionID, packetNumber: data.packetNumber, chunkIndex: data.chunkIndex,
      timestamp: data.timestamp, grttCode: data.grttCode, isRepair: data.flags.contains(.repair),
      byteCount: datagram.count, canKeep: canKeep, now: now)
    guard let files, fate == .keep, let base = datagram.baseAddress else { return }
    let payloadByteCount = data.payload.count
    if !run.extends(data.chunkIndex, at: base, full: files.shape.chunkByteCount) {
      flushBatch()
      run.begin(data.chunkIndex, at: base)
    }
    run.append(payloadByteCount: payloadByteCount, checksum: data.payloadChecksum)
  }

  private func flushBatch() {
    guard run.count > 0, let base = run.base, let files else { return }
    defer { run.clear() }
    do {
      let outcome = try run.checksums.withUnsafeBufferPointer { (checksums) throws(FileSetError) in
        try files.accept(
          first: run.first, count: run.count, base: base, stride: run.stride,
          payloadOffset: DataHeader.byteCount,
          lastPayloadByteCount: run.lastByteCount, payloadChecksums: checksums)
      }
      if outcome != .accepted { machine.forget(UInt64(run.first)..<UInt64(run.first) + UInt64(run.count)) }
      for chunks in files.takeForgotten() { machine.forget(chunks) }
    } catch { fail(error) }
    tellFileEvents(files)
    if files.canSettle { storeSoon() }
  }

  private func tellFileEvents(_ files: ReceivedSet) {
    while let event = files.nextEvent() { onEvent(.file(event)) }
  }

  private func fail(_ error: FileSetError) {
    if failure == nil { failure = error }
    machine.cancel(
      reason: error.isStorageFailure ? .cannotStore : .refused, text: error.description, now: clock.now)
  }

  private func receiveControl(_ datagram: UnsafeRawBufferPointer, from: SocketAddress?, now: Instant) {
    flushBatch()
    do {
      let (header, message) = try ControlMessage.decode(datagram.assumingMemoryBound(to: UInt8.self).span)
      if case .close(let close) = message, header.sessionID == machine.sessionID {
        counters.droppedBySender = max(counters.droppedBySender, close.inducedDropCount)
      }
      machine.handle(message, header: header, byteCount: datagram.count, now: now)
      guard let from else { return }
      answerBusy(message, header: header, byteCount: datagram.count, to: from, now: now)
      if machine.phase == .listening {
        noteAnnouncer(from, header)
      } else if header.sessionID == machine.sessionID {
        take(sender: from)
      }
    } catch {
      countBad(error, datagram)
      if machine.phase == .listening, !toldStranger { tellStranger(error, datagram) }
    }
  }

  /// Of the other's session, and so not in the account of ours.
  private func answerBusy(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, to address: SocketAddress, now: Instant
  ) {
    let answer = busyAnswer.datagram(
      to: message, header: header, byteCount: byteCount, machine: machine, now: now)
    guard let answer else { return }
    writer.write(ByteBuffer(bytes: answer), segmentByteCount: answer.count, to: address)
  }

  private func countBad(_ error: WireError, _ datagram: UnsafeRawBufferPointer) {
    if UnreadableDatagram.isCorrupt(datagram, error, sessionID: machine.sessionID) {
      counters.corrupt.add(byteCount: datagram.count)
    } else {
      counters.foreign.add(byteCount: datagram.count)
    }
  }

  /// What became of every datagram, Specs/accounting.md §10.
  var account: Account {
    let counted = counters
    return Account(
      machine.receivedEquations(
        received: counted.received, corrupt: counted.corrupt, foreign: counted.foreign)
        + machine.nackEquations + [
          machine.sentEquation(sent: counted.sent),
          incoming.equation(
            before: Equation.Term("arrived at the socket", counted.arrived.count),
            behind: Equation.Term("received", counted.received.count)),
          outgoing.equation(
            before: Equation.Term("sent", counted.sent.count),
            behind: Equation.Term("handed to the socket", counted.handedCount)),
        ])
  }

  /// Packet numbers that did not arrive though later ones did; of these, dropped here on purpose; and what is on its way.
  var missing: (count: UInt64, induced: UInt64, delayed: UInt64) {
    let span = machine.packetSpan ?? 0
    return (
      span - min(span, machine.counters.datagrams), inducedLosses.count(within: machine),
      incoming.flight.waitingCount
    )
  }

  private func tellStranger(_ error: WireError, _ datagram: UnsafeRawBufferPointer) {
    switch error {
    case .unknownVersion(let version):
      onEvent(
        .stranger(
          "a sender here speaks version \(version) of the chunked protocol, this program speaks \(DatagramHeader.version): use the same version on both sides"
        ))
    case .badMagic, .truncated:
      let kind =
        datagram.count > 2 && datagram[0] == 0xFF && datagram[1] == 0xD8 ? "whole JPEGs" : "something else"
      onEvent(
        .stranger(
          "a sender here sends \(kind), not the chunked protocol: if it is a naive one, receive with --protocol naive"
        ))
    default: return
    }
    toldStranger = true
  }

  /// Where to answer the sessions that the machine keeps.
  private func noteAnnouncer(_ address: SocketAddress, _ header: DatagramHeader) {
    guard machine.isAnnounced(header.sessionID) else { return }
    announcers[header.sessionID] = address
    guard announcers.count > 2 * ReceiverMachine.maximumAnnouncedCount else { return }
    announcers = announcers.filter { machine.isAnnounced($0.key) }
  }

  private func take(sender address: SocketAddress) {
    guard address != sender else { return }
    sender = address
    if !machine.isGroup { loop.narrowing.peer = address }
  }

  /// The first chunk of a session is here. A set that cannot be taken is refused, and others are listened to.
  private func begin(_ announce: Announce, sessionID: UInt64, from: SocketAddress?, now: Instant) {
    guard let address = announcers[sessionID] ?? from else { return }
    do {
      files = try makeStore(announce, sessionID)
      sender = address
      if !announce.options.contains(.group) { loop.narrowing.peer = address }
      announcers = [:]
      onEvent(.began(announce, sessionID: sessionID, from: address))
    } catch {
      machine.refuse(
        sessionID: sessionID, reason: error.isStorageFailure ? .cannotStore : .refused,
        text: error.description, now: now)
      // A folder that takes nothing will take no other set either; one that is too full may.
      if error.isStorageFailure, !error.isNoRoom { return fail(error) }
      onEvent(.refused(from: address, error))
    }
  }

  // MARK: What is sent

  func pump() {
    guard loop.isOpen else { return }
    writer.resume()
    let now = clock.now
    machine.handleWake(now: now)
    machine.detectLosses(now: now)
    pollDrops(now: now)
    while let transmission = machine.pollTransmit(now: now, socketDrops: counters.socketDrops) {
      send(transmission, now: now)
    }
    tracing?.phase(machine.phase, now: now)
    while let event = machine.pollEvent() {
      if event == .allChunksHeld, !isSettling {
        isSettling = true
        storeSoon()
      }
    }
    if machine.hasEnded, machine.nextDeadline == .never { return loop.close() }
    loop.wakeAt = writer.isFull ? now + DatagramWriter.retryNanoseconds : machine.nextDeadline
  }

  private func send(_ transmission: ReceiverTransmission, now: Instant) {
    let known = transmission.sessionID == machine.sessionID ? sender : nil
    guard let sender = known ?? announcers[transmission.sessionID] else { return }
    let bytes = transmission.message.encode(
      sessionID: transmission.sessionID, packetNumber: transmission.packetNumber, flags: transmission.flags)
    counters.sent.add(byteCount: bytes.count)
    let buffer = ByteBuffer(bytes: bytes)
    tracing?.sent(buffer, segment: bytes.count, now: now)
    let verdict = outgoing.verdict(
      packetNumber: transmission.packetNumber, kind: transmission.message.type.rawValue,
      byteCount: bytes.count,
      now: now)
    tracing?.decided(verdict, buffer, .outgoing, now: now)
    ImpairedPath.schedule(verdict, bytes: buffer, on: loop, outgoing.flight) {
      [weak self] copy in
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

  // MARK: Storing

  /// Files are stored between two reads, each as soon as it is whole: a session that is cut short keeps it.
  private func storeSoon() {
    guard !isStoringSoon else { return }
    isStoringSoon = true
    loop.schedule(after: 0) { [weak self] in self?.store() }
  }

  private func store() {
    isStoringSoon = false
    guard let files, !machine.hasEnded else { return }
    let end = clock.now + Self.storingNanoseconds
    var done: SetOutcome?
    repeat {
      done = files.settle(atMost: 1)
      tellFileEvents(files)
    } while files.canSettle && clock.now < end
    if files.canSettle {
      storeSoon()
    } else if isSettling, let done {
      tellVerified(done)
    }
  }

  /// The session is over: stores what is whole, and says what is not.
  func storeRest() -> SetOutcome {
    guard let files else { return SetOutcome() }
    let result = files.abandon()
    tellFileEvents(files)
    return result
  }

  /// Removes what is not whole, before anybody is told that the session is over.
  func closeStore() { files?.store.close() }

  private func tellVerified(_ done: SetOutcome) {
    outcome = done
    let status: CompleteStatus =
      done.isWhole
      ? .whole : done.failures.contains { $0.error.isStorageFailure } ? .couldNotStore : .someFilesFailed
    let text = done.failures.first?.error.description ?? ""
    machine.handleVerified(
      verified: UInt32(clamping: done.verifiedFileCount), failed: UInt32(clamping: done.failures.count),
      status: status, text: text, now: clock.now)
    pump()
  }
}
