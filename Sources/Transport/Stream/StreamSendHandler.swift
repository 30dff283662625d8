import FileSet
import NIOCore
import Network
import Wire

/// The sender's end of one connection: hello, then frames as fast as the socket takes them, then the
/// receiver's answer. Specs/chunked-tcp.md §5.1. Lives on the channel's event loop.
final class StreamSendHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Buffers on their way into the socket; together with its own buffer, all that a slow receiver makes us
  /// hold.
  private static let bufferLimit = 2
  /// Buffers in one turn of the event loop: between turns it reads what the receiver says.
  private static let turnLimit = 8

  private var outbox: StreamOutbox
  private let peer: String
  private let board: StreamBoard
  private let position: Int
  private let idle: TimeAmount
  private let answer: EventLoopPromise<StreamComplete>

  private var parser = StreamFrameParser()
  private var phase = Phase.greeting
  private var context: ChannelHandlerContext?
  private var spare: [ByteBuffer] = []
  private var underWay = 0
  /// Bytes given to the socket.
  private var handedByteCount: UInt64 = 0
  private var isPumping = false
  private var movedAt = NIODeadline.now()
  /// The report that counted last as progress.
  private var moved = StreamReport(fileByteCount: 0, verifiedFileCount: 0)
  private var watch: RepeatedTask?
  /// Since when the receiver's disk is full, and how long it was full before.
  private var fullSince: NIODeadline?
  private var fullBefore = TimeAmount.zero

  /// A receiver whose disk was full for this long in all is given up, so that every session ends.
  private static let fullLimit = TimeAmount.hours(1)
  /// Between two frames while bytes are read that the receiver has.
  private static let readingInterval = TimeAmount.seconds(1)
  /// Bytes that a receiver must store in each idle time, or a file: one that reports a byte at a time is as
  /// good as silent.
  private static let progressByteCount: UInt64 = 4_096

  private enum Phase { case greeting, sending, awaitingComplete, finished }

  /// `answer` is kept when the connection ends, at the latest; `position` is the destination's, for the
  /// board.
  init(
    outbox: StreamOutbox, peer: String, board: StreamBoard, position: Int, idleSeconds: Double,
    answer: EventLoopPromise<StreamComplete>
  ) {
    self.outbox = outbox
    self.peer = peer
    self.board = board
    self.position = position
    self.idle = .nanoseconds(Int64(idleSeconds * 1e9))
    self.answer = answer
  }

  /// The handler joins a channel that is connected already.
  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    let hello = ByteBuffer(bytes: outbox.hello.frame())
    handedByteCount += UInt64(hello.readableBytes)
    context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
    movedAt = .now()
    let interval = TimeAmount.nanoseconds(max(1_000_000, idle.nanoseconds / 8))
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      bound.value.checkSilence()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .finished else { return }
    let bytes = unwrapInboundIn(data)
    do throws(TransportError) {
      // Greetings and reports are short: a copy costs nothing.
      let span = Array(bytes.readableBytesView).span
      var position = 0
      while phase != .finished, let event = try next(in: span, from: &position) { try handle(event) }
    } catch {
      finish(.failure(error))
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      finish(.failure(.connectionLost(peer: peer, reason: "it closed the connection")))
      StreamGoodbye.peerClosed(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(TransportError(broken: error, peer: peer)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(.connectionLost(peer: peer, reason: "the connection closed")))
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    watch?.cancel()
    finish(.failure(.connectionLost(peer: peer, reason: "the connection closed")))
    self.context = nil
  }

  /// Ends the session from this side.
  func cancel() { finish(.failure(.cancelled)) }
}

extension StreamSendHandler {
  private func next(
    in span: Span<UInt8>, from position: inout Int
  ) throws(TransportError) -> StreamEvent? {
    do throws(StreamError) {
      return try parser.next(in: span, from: &position)
    } catch {
      throw TransportError(error, peer: peer)
    }
  }

  private func handle(_ event: StreamEvent) throws(TransportError) {
    switch (event, phase) {
    case (.welcome(let welcome), .greeting):
      guard welcome.receiverID != 0 else {
        throw .protocolViolation(peer: peer, text: "a welcome with receiver id 0")
      }
      board.begin(position, welcome, at: monotonicNanoseconds())
      movedAt = .now()
      phase = .sending
      pump()
    case (.report(let report), .sending) where isPossible(report),
      (.report(let report), .awaitingComplete) where isPossible(report):
      board.update(position, report)
      note(report)
    case (.rest(let rest), .sending) where outbox.take(rest):
      movedAt = .now()
      guard !outbox.awaitsRest else { break }
      board.note(position, leftOutByteCount: outbox.leftOutByteCount)
      pump()
    case (.complete(let complete), .awaitingComplete) where isPossible(complete):
      finish(.success(complete))
    case (.abort(let abort), _):
      throw .peerRefused(reason: abort.reason, text: abort.text)
    default:
      throw .protocolViolation(peer: peer, text: "a frame \"\(event.type)\" that does not fit here")
    }
  }

  /// Whether the receiver speaks of no more than there is.
  private func isPossible(_ report: StreamReport) -> Bool {
    report.fileByteCount <= outbox.hello.fileByteCount && report.verifiedFileCount <= outbox.hello.fileCount
  }

  /// Progress of the receiver; the last bytes of all are progress too, however few.
  private func note(_ report: StreamReport) {
    noteStorage(report)
    guard report.fileByteCount >= moved.fileByteCount, report != moved else { return }
    let isLast = report.fileByteCount == outbox.hello.fileByteCount
    guard
      report.fileByteCount - moved.fileByteCount >= Self.progressByteCount
        || report.verifiedFileCount > moved.verifiedFileCount
        || isLast && report.fileByteCount > moved.fileByteCount
    else { return }
    moved = report
    movedAt = .now()
  }

  /// Whether the receiver speaks of as many files as there are, and calls whole what is whole.
  private func isPossible(_ complete: StreamComplete) -> Bool {
    let told = UInt64(complete.verifiedFileCount) + UInt64(complete.failedFileCount)
    return told == UInt64(outbox.hello.fileCount)
      && (complete.status == .whole) == (complete.failedFileCount == 0)
  }

  /// Keeps the socket supplied, some buffers a turn.
  private func pump() {
    guard !isPumping, phase == .sending, let context else { return }
    isPumping = true
    defer { isPumping = false }
    for _ in 0..<Self.turnLimit {
      guard underWay < Self.bufferLimit, phase == .sending else { return }
      var buffer = spare.popLast() ?? context.channel.allocator.buffer(capacity: StreamLimits.bufferByteCount)
      buffer.clear()
      outbox.fill(&buffer, byteCount: StreamLimits.bufferByteCount)
      if let failure = outbox.firstFailure { board.note(position, failure) }
      if outbox.isFinished { phase = .awaitingComplete }
      if outbox.isReading, buffer.readableBytes == 0 { buffer.writeBytes(readingFrame()) }
      if buffer.readableBytes > 0 { write(buffer, context) } else { spare.append(buffer) }
      if outbox.awaitsRest { return }
    }
    if phase == .sending, underWay < Self.bufferLimit {
      context.eventLoop.assumeIsolated().execute { self.pump() }
    }
  }

  /// Tells the receiver about once in a second that bytes which it has are read; empty in between.
  private func readingFrame() -> [UInt8] {
    guard NIODeadline.now() - movedAt >= Self.readingInterval else { return [] }
    movedAt = .now()
    return outbox.readingFrame()
  }

  /// A receiver whose disk is full is not silent, however long that takes, up to a limit.
  private func noteStorage(_ report: StreamReport) {
    let now = NIODeadline.now()
    guard report.missingKibibytes > 0 else {
      if let since = fullSince { fullBefore = fullBefore + (now - since) }
      fullSince = nil
      return
    }
    let since = fullSince ?? now
    fullSince = since
    movedAt = now
    if fullBefore + (now - since) > Self.fullLimit { finish(.failure(.diskStayedFull(peer: peer))) }
  }

  private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    underWay += 1
    handedByteCount += UInt64(buffer.readableBytes)
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: written)
    written.futureResult.assumeIsolated().whenComplete { result in
      self.underWay -= 1
      guard case .success = result else { return }  // the error arrives on its own
      self.movedAt = .now()
      self.spare.append(buffer)
      self.pump()
    }
  }

  private func checkSilence() {
    guard phase != .finished, NIODeadline.now() - movedAt > idle else { return }
    let seconds = Int((Double(idle.nanoseconds) / 1e9).rounded())
    finish(.failure(.connectionLost(peer: peer, reason: "nothing moved for \(seconds) s")))
  }

  /// Keeps the answer, once; tells the receiver when it is not the receiver's own word.
  private func finish(_ result: Result<StreamComplete, TransportError>) {
    guard phase != .finished else { return }
    phase = .finished
    watch?.cancel()
    spare = []
    board.end(position, at: monotonicNanoseconds())
    var lastFrame: [UInt8]?
    switch result {
    case .success(let complete):
      board.account(position, outbox.account(handedByteCount: handedByteCount))
      answer.succeed(complete)
    case .failure(let error):
      lastFrame = error.abort?.frame()
      answer.fail(error)
    }
    if let context, context.channel.isActive { StreamGoodbye.say(lastFrame, context) }
  }
}
