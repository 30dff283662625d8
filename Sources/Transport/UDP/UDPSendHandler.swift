import Accounting
import FileSet
import Impairment
import NIOCore
import Network
import Session
import Trace
import Wire

/// Joins a `SenderMachine` to a datagram channel: hands it what arrives, sends what it says, wakes it when it wants.
final class UDPSendHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  /// Trains sent before what arrived is looked at again.
  private static let trainsPerTurn = 4
  /// Between two turns of a sender that is behind its pace.
  private static let breath = TimeAmount.microseconds(3)
  /// Receivers whose address is kept.
  private static let addressLimit = 100_000

  private(set) var machine: SenderMachine
  private(set) var counters = UDPSendCounters()
  /// Where each receiver's join came from: hosts of one name are told apart by it.
  private(set) var addresses: [UInt64: String] = [:]
  private let source: SetSource
  private let destination: SocketAddress
  private let clock: SessionClock
  private var encoder: TrainEncoder
  private var outgoing: ImpairedPath
  private var incoming: ImpairedPath
  private let writer: DatagramWriter
  private var wake: Scheduled<Void>?
  private var context: ChannelHandlerContext?
  private var failure: FileSetError?
  private let trainDatagramCount: Int
  /// Set before the first datagram; nil when nothing is traced.
  var tracing: UDPTracing?

  private let onEvent: (SenderEvent) -> Void
  /// Asked before an announce leaves: the size that this host knows the path to carry, when that is less than is tried.
  private let pathLimit: (Int) -> PathCandidate?
  /// The set was cut anew, for a smaller size than it was announced with at first.
  private let onRecut: () -> Void
  private let finished: EventLoopPromise<Void>

  init(
    configuration: SenderMachine.Configuration, source: SetSource, writer: DatagramWriter,
    destination: SocketAddress, clock: SessionClock, outgoing: ImpairedPath, incoming: ImpairedPath,
    allocator: ByteBufferAllocator,
    finished: EventLoopPromise<Void>, pathLimit: @escaping (Int) -> PathCandidate?,
    onRecut: @escaping () -> Void, onEvent: @escaping (SenderEvent) -> Void
  ) {
    machine = SenderMachine(configuration, now: clock.now)
    self.source = source
    self.writer = writer
    self.destination = destination
    self.clock = clock
    self.outgoing = outgoing
    self.incoming = incoming
    self.onEvent = onEvent
    self.pathLimit = pathLimit
    self.onRecut = onRecut
    self.finished = finished
    trainDatagramCount = configuration.trainDatagramCount
    encoder = TrainEncoder(
      sessionID: configuration.sessionID, chunkByteCount: source.layout.chunkByteCount,
      datagramCount: trainDatagramCount, allocator: allocator)
  }

  var refusals: DatagramWriter.Refusals { writer.refusals }
  /// Why reading the set failed, when it did.
  var readFailure: FileSetError? { failure }
  var inducedDropCount: (outgoing: UInt64, incoming: UInt64) {
    (outgoing.droppedCount, incoming.droppedCount)
  }

  func start(context: ChannelHandlerContext) {
    self.context = context
    pump()
  }

  func cancel(reason: AbortReason, text: String) {
    machine.cancel(reason: reason, text: text)
    pump()
  }

  func channelInactive(context: ChannelHandlerContext) {
    wake?.cancel()
    writer.close()
    finished.succeed(())
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    tracing?.read(envelope, now: clock.now)
    let segment = envelope.metadata?.segmentSize ?? envelope.data.readableBytes
    var rest = envelope.data
    if rest.readableBytes == 0 { countArrival(rest, from: envelope.remoteAddress) }
    while rest.readableBytes > 0, segment > 0 {
      guard let datagram = rest.readSlice(length: min(segment, rest.readableBytes)) else { break }
      countArrival(datagram, from: envelope.remoteAddress)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { pump() }

  /// A read that fails leaves the session as it is: what was lost is asked for again.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  private func countArrival(_ datagram: ByteBuffer, from: SocketAddress) {
    counters.arrived.add(byteCount: datagram.readableBytes)
    receive(datagram, from: from)
  }

  private func receive(_ datagram: ByteBuffer, from: SocketAddress) {
    guard !incoming.isNone else { return handle(datagram, from: from) }
    let now = clock.now
    let head = datagram.readableBytesView.prefix(DatagramHeader.byteCount)
    guard head.count == DatagramHeader.byteCount, let context else { return handle(datagram, from: from) }
    let packet = datagram.getInteger(at: datagram.readerIndex + 12, as: UInt32.self) ?? 0
    let kind = datagram.getInteger(at: datagram.readerIndex + 2, as: UInt8.self) ?? 0
    let verdict = incoming.verdict(
      packetNumber: packet, kind: kind, byteCount: datagram.readableBytes, now: now)
    tracing?.decided(verdict, datagram, .incoming, now: now)
    ImpairedPath.schedule(verdict, bytes: datagram, on: context.eventLoop, incoming.flight) {
      [weak self] copy in
      self?.handle(copy, from: from)
      self?.pumpSoon()
    }
  }

  private func handle(_ datagram: ByteBuffer, from: SocketAddress) {
    counters.received.add(byteCount: datagram.readableBytes)
    let now = clock.now
    datagram.withUnsafeReadableBytes { raw in
      tracing?.received(raw, now: now)
      do throws(WireError) {
        let (header, message) = try ControlMessage.decode(raw.assumingMemoryBound(to: UInt8.self).span)
        if case .join(let join) = message, addresses.count < Self.addressLimit {
          addresses[join.receiverID] = from.plainIPAddress
        }
        machine.handle(message, header: header, now: now)
        tracing?.metrics(machine, after: message, now: now)
      } catch {
        if UnreadableDatagram.isCorrupt(raw, error, sessionID: encoder.sessionID) {
          counters.corrupt.add(byteCount: raw.count)
        } else {
          counters.foreign.add(byteCount: raw.count)
        }
      }
    }
  }

  private func pumpSoon() { context?.eventLoop.assumeIsolated().execute { self.pump() } }

  // MARK: Sending

  private func pump() {
    guard let context, context.channel.isActive else { return }
    wake?.cancel()
    wake = nil
    writer.resume()
    machine.handleWake(now: clock.now)
    if machine.phase == .announcing {
      pathLimit(machine.datagramByteCount).map { machine.handlePathLimit($0) }
    } else if machine.shape.chunkByteCount != source.layout.chunkByteCount {
      recut(context)
    }
    var trains = 0
    while !writer.isFull, trains < Self.trainsPerTurn {
      let now = clock.now
      guard let transmission = machine.pollTransmit(now: now) else { break }
      switch transmission {
      case .control(let message, let flags, let packetNumber):
        send(message, flags: flags, packetNumber: packetNumber, context: context, now: now)
      case .train(let train):
        trains += 1
        send(train, context: context, now: now)
      }
    }
    tracing?.phase(machine.phase, now: clock.now)
    while let event = machine.pollEvent() { onEvent(event) }
    if machine.hasEnded, machine.nextDeadline == .never {
      context.close(promise: nil)
      return
    }
    sleep(context: context, isBusy: trains == Self.trainsPerTurn)
  }

  /// The path carries another size than the set was cut for at first.
  private func recut(_ context: ChannelHandlerContext) {
    do {
      try source.recut(chunkByteCount: machine.shape.chunkByteCount)
      encoder = TrainEncoder(
        sessionID: encoder.sessionID, chunkByteCount: source.layout.chunkByteCount,
        datagramCount: trainDatagramCount, allocator: context.channel.allocator)
      onRecut()
    } catch {
      failure = error
      machine.cancel(reason: .internal, text: error.description)
    }
  }

  private func sleep(context: ChannelHandlerContext, isBusy: Bool) {
    let deadline = isBusy ? clock.now : machine.nextDeadline
    guard deadline != .never || writer.isFull else { return }
    // The event loop runs what is due again and again before it looks at its sockets: a sender that is always late would
    // hear nothing until its window is full. A moment later, and it looks.
    let soonest = NIODeadline.now() + Self.breath
    let due =
      writer.isFull ? NIODeadline.now() + DatagramWriter.retry : max(clock.deadline(deadline), soonest)
    wake = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.pump() }
  }

  private func send(
    _ message: ControlMessage, flags: DatagramFlags, packetNumber: UInt32, context: ChannelHandlerContext,
    now: Instant
  ) {
    let bytes = message.encode(sessionID: encoder.sessionID, packetNumber: packetNumber, flags: flags)
    counters.bytes.control += UInt64(bytes.count)
    let buffer = context.channel.allocator.buffer(bytes: bytes)
    tracing?.sent(buffer, segment: bytes.count, now: now)
    write(buffer, kind: message.type.rawValue, packetNumber: packetNumber, now: now)
  }

  private func send(_ train: Train, context: ChannelHandlerContext, now: Instant) {
    let pieces: [TrainEncoder.Piece]
    // A trace wants to see what is dropped, so that it must be built.
    let takesLosses = tracing == nil && outgoing.losesOnly
    do { pieces = try encode(train, takesLosses: takesLosses, now: now) } catch {
      failure = error
      if case .fileChanged = error {
        machine.cancel(reason: .fileChanged, text: error.description)
      } else {
        machine.cancel(reason: .cannotRead, text: error.description)
      }
      return
    }
    var packet = train.firstPacketNumber
    for piece in pieces {
      tracing?.sent(piece.bytes, segment: piece.segmentByteCount, now: now)
      if takesLosses || outgoing.isNone {
        counters.sent.add(count: piece.datagramCount, byteCount: piece.bytes.readableBytes)
        hand(piece.bytes, segmentByteCount: piece.segmentByteCount, datagramCount: piece.datagramCount)
      } else {
        var rest = piece.bytes
        var next = packet
        while let datagram = rest.readSlice(length: min(piece.segmentByteCount, rest.readableBytes)),
          datagram.readableBytes > 0
        {
          write(
            datagram, kind: MessageType.data.rawValue, packetNumber: UInt32(truncatingIfNeeded: next),
            now: now)
          next += 1
        }
      }
      packet += UInt64(piece.datagramCount)
    }
  }

  /// Encodes a train, without the datagrams that induced loss takes; these count as sent.
  private func encode(_ train: Train, takesLosses: Bool, now: Instant) throws(FileSetError) -> [TrainEncoder
    .Piece]
  {
    defer {
      if train.isRepair {
        counters.bytes.repair += encoder.encodedByteCount
      } else {
        counters.bytes.first += encoder.encodedByteCount
      }
    }
    guard takesLosses else { return try encoder.encode(train, from: source, now: now) }
    return try encoder.encode(train, from: source, now: now) { packet, byteCount in
      let verdict = self.outgoing.verdict(
        packetNumber: UInt32(truncatingIfNeeded: packet), kind: MessageType.data.rawValue,
        byteCount: byteCount, now: now)
      guard case .dropped = verdict else { return false }
      self.counters.sent.add(byteCount: byteCount)
      return true
    }
  }

  /// One datagram, by way of the impairment.
  private func write(_ datagram: ByteBuffer, kind: UInt8, packetNumber: UInt32, now: Instant) {
    counters.sent.add(byteCount: datagram.readableBytes)
    guard !outgoing.isNone, let context else { return hand(datagram) }
    let verdict = outgoing.verdict(
      packetNumber: packetNumber, kind: kind, byteCount: datagram.readableBytes, now: now)
    tracing?.decided(verdict, datagram, .outgoing, now: now)
    ImpairedPath.schedule(verdict, bytes: datagram, on: context.eventLoop, outgoing.flight) {
      [weak self] copy in
      self?.hand(copy)
    }
  }

  /// One datagram to the socket.
  private func hand(_ datagram: ByteBuffer) {
    hand(datagram, segmentByteCount: datagram.readableBytes, datagramCount: 1)
  }

  private func hand(_ bytes: ByteBuffer, segmentByteCount: Int, datagramCount: Int) {
    counters.handedCount += UInt64(datagramCount)
    let segment = datagramCount > 1 ? segmentByteCount : nil
    tracing?.written(bytes, segment: segment, to: destination, now: clock.now)
    writer.write(bytes, segmentByteCount: segmentByteCount, to: destination)
  }

  /// What became of every datagram, Specs/accounting.md §10.
  var account: Account {
    let counted = counters
    return Account(
      machine.sentEquations(sent: counted.sent, bytes: counted.bytes) + [
        machine.repairEquation,
        machine.receivedEquation(
          received: counted.received, corrupt: counted.corrupt, foreign: counted.foreign),
        outgoing.equation(
          before: Equation.Term("sent", counted.sent.count),
          behind: Equation.Term("handed to the socket", counted.handedCount)),
        incoming.equation(
          before: Equation.Term("arrived at the socket", counted.arrived.count),
          behind: Equation.Term("received", counted.received.count)),
      ])
  }
}

/// What the sender's driver counted, below the machine.
struct UDPSendCounters: Sendable, Equatable {
  /// What the session let go, counted where it goes to the impairment or the socket.
  var sent = Tally()
  /// Its bytes by kind, counted where they are encoded.
  var bytes = SenderMachine.SentBytes()
  /// Datagrams that went on to the socket.
  var handedCount: UInt64 = 0
  /// Out of the socket, and behind the induced impairment.
  var arrived = Tally()
  var received = Tally()
  /// Damaged on the way; not of this protocol or of another version of it.
  var corrupt = Tally()
  var foreign = Tally()
}
