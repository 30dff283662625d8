import Accounting
import Datagrams
import FileSet
import Ground
import Impairment
import NIOCore
import Network
import Session
import Trace
import Wire

/// Joins a `SenderMachine` to a socket: hands it what arrives, sends what it says, wakes it when it wants.
final class UDPSendHandler: DatagramDriver {
  /// Trains sent before what arrived is looked at again.
  private static let trainsPerTurn = 4

  var machine: SenderMachine
  var counters = UDPSendCounters()
  var notes = ReceiverNotes()
  /// Another address than the session's that a report of this session came from, the newest of them.
  private(set) var strangeSource: SocketAddress?
  let source: SetSource
  let seal: SenderSeal?  // nil without a key
  var signer: AnnounceSigner?  // nil: nothing is signed
  let destination: SocketAddress
  private var peerFilter: PeerFilter
  let clock: SessionClock
  private var encoder: TrainEncoder
  var symbols: SymbolEncoder
  private(set) var (outgoing, incoming): (ImpairedPath, ImpairedPath)
  let (writer, loop): (DatagramWriter, DatagramLoop)
  var areMarksAllowed = false  // the socket's datagrams say that they may be marked
  private(set) var failure: FileSetError?
  private let trainDatagramCount: Int
  var tracing: UDPTracing?  // set before the first datagram; nil when nothing is traced
  /// Of a group: members that ask for unicast, and their sessions. Nil: nobody is served so.
  var asking: UnicastAsking?
  var onSide: ((_ receiverID: UInt64, _ sessionID: UInt64, _ address: SocketAddress) -> Void)?

  private let onEvent: (SenderEvent) -> Void
  /// Asked before an announce leaves: the size that this host knows the path to carry, when that is less than
  /// is tried.
  private let pathLimit: (Int) -> PathCandidate?
  /// The set was cut anew, for a smaller size than it was announced with at first.
  private let onRecut: () -> Void
  private let onFailure: (FileSetError) -> Void
  private var toldFailureCount = 0

  init(
    configuration: SenderMachine.Configuration, source: SetSource, seal: SenderSeal?, loop: DatagramLoop,
    destination: SocketAddress, outgoing: ImpairedPath, incoming: ImpairedPath,
    pathLimit: @escaping (Int) -> PathCandidate?,
    onRecut: @escaping () -> Void, onFailure: @escaping (FileSetError) -> Void,
    onEvent: @escaping (SenderEvent) -> Void
  ) {
    clock = loop.clock
    machine = SenderMachine(configuration, now: clock.now)
    self.source = source
    self.seal = seal
    (writer, self.loop) = (DatagramWriter(loop.socket), loop)
    self.destination = destination
    peerFilter = PeerFilter(configuration.isGroup ? nil : destination)
    (self.outgoing, self.incoming) = (outgoing, incoming)
    self.onEvent = onEvent
    self.pathLimit = pathLimit
    self.onRecut = onRecut
    self.onFailure = onFailure
    trainDatagramCount = configuration.trainDatagramCount
    encoder = TrainEncoder(
      sessionID: configuration.sessionID, chunkByteCount: source.layout.chunkByteCount,
      datagramCount: trainDatagramCount, seal: seal)
    symbols = SymbolEncoder(
      sessionID: configuration.sessionID, chunkByteCount: source.layout.chunkByteCount, seal: seal)
  }

  func start() { pump() }

  /// Begins with the members of the group that have joined.
  func startNow() {
    machine.start(now: clock.now)
    pump()
  }

  func cancel(reason: AbortReason, text: String) {
    machine.cancel(reason: reason, text: text)
    pump()
  }

  func receive(_ arrival: Arrival) {
    tracing?.read(arrival, now: clock.now)
    guard !arrival.bytes.isEmpty else { return countArrival(arrival.bytes, from: arrival) }
    arrival.eachDatagram { countArrival($0, from: arrival) }
  }

  func readComplete() { pump() }

  func wasAway(_ nanoseconds: Nanoseconds) { machine.noteAbsence(nanoseconds) }

  private func countArrival(_ datagram: UnsafeRawBufferPointer, from arrival: Arrival) {
    counters.arrived.add(byteCount: datagram.count)
    guard peerFilter.admits(arrival) else { return refuse(datagram, from: arrival) }
    guard !incoming.isNone else { return handle(datagram, from: arrival.sender) }
    let now = clock.now
    let copy = ByteBuffer(bytes: datagram)
    let from = arrival.sender
    let verdict = incoming.verdict(of: datagram, now: now)
    tracing?.decided(verdict, copy, .incoming, now: now)
    ImpairedPath.schedule(verdict, bytes: copy, on: loop, incoming.flight) { [weak self] copy, _ in
      guard let self else { return }
      copy.withUnsafeReadableBytes { self.handle($0, from: from) }
      self.loop.wakeAt = .zero
    }
  }

  /// Not from the one address that this session is with.
  private func refuse(_ datagram: UnsafeRawBufferPointer, from arrival: Arrival) {
    counters.received.add(byteCount: datagram.count)
    counters.foreign.add(byteCount: datagram.count)
    // A receiver that has moved: it is not answered, but its user will ask why.
    guard strangeSource == nil, datagram.count > 2, datagram[2] == MessageType.report.rawValue,
      let (header, _) = try? ControlMessage.decode(datagram.assumingMemoryBound(to: UInt8.self).span),
      header.sessionID == encoder.sessionID
    else { return }
    strangeSource = arrival.sender
  }

  private func handle(_ datagram: UnsafeRawBufferPointer, from: @autoclosure () -> SocketAddress?) {
    counters.received.add(byteCount: datagram.count)
    guard let datagram = opened(datagram) else { return }
    let now = clock.now
    tracing?.received(datagram, isOver: machine.hasEnded, now: now)
    do throws(WireError) {
      let (header, message) = try ControlMessage.decode(datagram.assumingMemoryBound(to: UInt8.self).span)
      notes.note(message, chunkCount: source.layout.totalChunkCount) { from()?.plainIPAddress }
      machine.handle(message, header: header, now: now)
      answerAsking(message, header: header, byteCount: datagram.count, from: from, now: now)
      tracing?.metrics(machine, after: message, now: now)
    } catch {
      if UnreadableDatagram.isCorrupt(datagram, error, sessionID: encoder.sessionID) {
        counters.corrupt.add(byteCount: datagram.count)
      } else {
        counters.foreign.add(byteCount: datagram.count)
      }
    }
  }

  // MARK: Sending

  func pump() {
    guard loop.isOpen else { return }
    writer.resume()
    machine.handleWake(now: loop.turnBeganAt)
    endIfKeyIsUsedUp()
    let before = machine.look()
    if before.allowsMarks != areMarksAllowed { allowMarks() }
    if before.isAnnouncing {
      pathLimit(machine.datagramByteCount).map { machine.handlePathLimit($0) }
    } else if before.chunkByteCount != source.layout.chunkByteCount {
      recut()
    }
    var trains = 0
    while !writer.isFull, trains < Self.trainsPerTurn {
      let now = clock.now
      guard let transmission = machine.pollTransmit(now: now) else { break }
      switch transmission {
      case .control(let message, let flags, let packetNumber):
        send(message, flags: flags, packetNumber: packetNumber, now: now)
      case .train(let train):
        trains += 1
        send(train, now: now)
      case .repair(let notice, let packetNumber, let train):
        trains += 1
        send(.repairNotice(notice), flags: [], packetNumber: packetNumber, now: now)
        send(train, now: now)
      case .parity(let notice, let packetNumber, let train):
        trains += 1
        send(.repairNotice(notice), flags: [], packetNumber: packetNumber, now: now)
        send(train, now: now)
      case .symbols(let train):
        trains += 1
        send(train, now: now)
      }
    }
    tracing?.phase(machine.phase, now: clock.now)
    while let event = machine.pollEvent() { onEvent(event) }
    let after = machine.look()
    if after.hasEnded, after.nextDeadline == .never, !awaitsMember { return loop.close() }
    loop.wakeAt =
      writer.isFull
      ? clock.now + DatagramWriter.retryNanoseconds
      : trains == Self.trainsPerTurn
        ? .zero : after.hasEnded ? asking?.awaitedUntil ?? .zero : after.nextDeadline
  }

  /// The path carries another size than the set was cut for at first.
  private func recut() {
    do {
      try source.recut(chunkByteCount: machine.shape.chunkByteCount)
      encoder = TrainEncoder(
        sessionID: encoder.sessionID, chunkByteCount: source.layout.chunkByteCount,
        datagramCount: trainDatagramCount, seal: seal)
      symbols = SymbolEncoder(
        sessionID: encoder.sessionID, chunkByteCount: source.layout.chunkByteCount, seal: seal)
      onRecut()
    } catch {
      failure = error
      machine.cancel(reason: .internal, text: error.description)
    }
  }

  private func send(
    _ message: ControlMessage, flags: DatagramFlags, packetNumber: UInt32, now: Instant
  ) {
    var message = message
    if case .close(var close) = message {
      close.inducedDropCount = UInt32(clamping: outgoing.droppedCount)
      message = .close(close)
    }
    guard let message = signed(message, flags) else { return }
    let ordinary = message.encode(sessionID: encoder.sessionID, packetNumber: packetNumber, flags: flags)
    let bytes = seal?.sealed(ordinary) ?? ordinary
    counters.bytes.control += UInt64(bytes.count)
    let buffer = ByteBuffer(bytes: bytes)
    traceSent(buffer, segment: bytes.count, now: now)
    write(buffer, kind: message.type.rawValue, packetNumber: packetNumber, now: now)
  }

  private func send(_ train: Train, now: Instant) {
    // A trace wants to see what is dropped, so that it must be built.
    let takesLosses = tracing == nil && outgoing.losesOnly
    let pieces = encode(train, takesLosses: takesLosses, now: now)
    tellNewFailures()
    var packet = train.firstPacketNumber
    for piece in pieces {
      traceSent(piece.bytes, segment: piece.segmentByteCount, now: now)
      if takesLosses {
        hand(piece)
      } else {
        pass(piece, firstPacket: packet, kind: .data, now: now)
      }
      packet += UInt64(piece.datagramCount)
    }
  }

  func hand(_ piece: TrainEncoder.Piece) {
    counters.sent.add(count: piece.datagramCount, byteCount: piece.bytes.readableBytes)
    hand(piece.bytes, segmentByteCount: piece.segmentByteCount, datagramCount: piece.datagramCount)
  }

  /// Files that changed or cannot be read: they fail at the receivers, and the others arrive.
  func tellNewFailures() {
    guard source.failures.count > toldFailureCount else { return }
    for failure in source.failures[toldFailureCount...] { onFailure(failure.error) }
    toldFailureCount = source.failures.count
  }

  /// Encodes a train, without the datagrams that induced loss takes; these count as sent.
  private func encode(_ train: Train, takesLosses: Bool, now: Instant) -> [TrainEncoder.Piece] {
    defer {
      if train.isRepair {
        counters.bytes.repair += encoder.encodedByteCount
      } else {
        counters.bytes.first += encoder.encodedByteCount
      }
    }
    guard takesLosses, !outgoing.isNone else { return encoder.encode(train, from: source, now: now) }
    return encoder.encode(train, from: source, now: now) { packet, byteCount in
      let verdict = self.outgoing.verdict(
        packetNumber: UInt32(truncatingIfNeeded: packet), kind: MessageType.data.rawValue,
        byteCount: byteCount, now: now)
      guard case .dropped = verdict else { return false }
      self.counters.sent.add(byteCount: byteCount)
      return true
    }
  }

  /// One datagram, by way of the impairment.
  func write(_ datagram: ByteBuffer, kind: UInt8, packetNumber: UInt32, now: Instant) {
    counters.sent.add(byteCount: datagram.readableBytes)
    guard !outgoing.isNone else { return hand(datagram) }
    let verdict = outgoing.verdict(
      packetNumber: packetNumber, kind: kind, byteCount: datagram.readableBytes, now: now)
    tracing?.decided(verdict, datagram, .outgoing, now: now)
    ImpairedPath.schedule(verdict, bytes: datagram, on: loop, outgoing.flight) {
      [weak self] copy, isMarked in
      self?.hand(copy, isMarked: isMarked)
    }
  }
}
