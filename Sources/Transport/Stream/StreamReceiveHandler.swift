import Accounting
import FileSet
import Ground
import NIOCore
import Wire

/// The receiver's end of one connection; Specs/chunked-tcp.md §5.2. Lives on the channel's event loop, which
/// is also the listener's.
///
/// Bytes go from the socket's buffer straight to the file: while they are written nothing is read, so a slow
/// disk slows the sender by TCP's own window, and nothing piles up. While the disk is full nothing is read
/// either, so the same window stops the sender.
final class StreamReceiveHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// As many bytes, or a whole frame, must come in each idle time: who drips a byte at a time is as good as
  /// silent.
  private static let progressByteCount = 4_096
  private static let tick = TimeAmount.milliseconds(100)
  private static let reportTicks = 10

  let peer: String
  let reception: StreamReception
  private let idle: TimeAmount
  var parser = StreamFrameParser()
  var phase = Phase.greeting
  var context: ChannelHandlerContext?
  var movedAt = NIODeadline.now()
  private var byteCountSinceMoved = 0
  private var frameCountAtMoved: UInt64 = 0
  private var watch: RepeatedTask?
  private var told = StreamReport(fileByteCount: 0, verifiedFileCount: 0)
  private var ticksSinceTold = 0
  /// Bytes out of the socket, and those of them that are not parsed yet.
  var arrivedByteCount: UInt64 = 0
  var unparsedByteCount = 0
  /// Bytes out of the socket that wait because the disk is full.
  var held: ByteBuffer?
  var storage = StreamStorageWatch()

  enum Phase {
    case greeting
    /// The hello is here; the receiver is not ready for a session yet.
    case parked(StreamHello)
    case receiving(StreamInbox)
    case finished
  }

  init(peer: String, reception: StreamReception, idleSeconds: Double) {
    self.peer = peer
    self.reception = reception
    idle = .nanoseconds(Int64(idleSeconds * 1e9))
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    movedAt = .now()
    do throws(TransportError) { try reception.admit(self) } catch { return finish(.failure(error)) }
    let interval = TimeAmount.nanoseconds(max(1_000_000, min(Self.tick.nanoseconds, idle.nanoseconds / 8)))
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      bound.value.handleTick()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isFinished else { return }
    var bytes = unwrapInboundIn(data)
    noteArrival(bytes.readableBytes)
    if held == nil { take(bytes) } else { held?.writeBuffer(&bytes) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      if !isFinished { finish(.failure(errorAtEnd)) }
      StreamGoodbye.peerClosed(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.failure(TransportError(broken: error, peer: peer)))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.failure(errorAtEnd))
    reception.leave(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    watch?.cancel()
    self.context = nil
  }
}

extension StreamReceiveHandler {
  /// Begins the session of a parked connection.
  func unpark() {
    guard case .parked(let hello) = phase else { return }
    do throws(TransportError) { try begin(hello) } catch { finish(.failure(error)) }
  }

  /// Ends the session from this side.
  func cancel() { finish(.failure(.cancelled)) }

  var isFinished: Bool { if case .finished = phase { true } else { false } }

  /// Why a connection that ended now ended too early.
  private var errorAtEnd: TransportError {
    do throws(StreamError) { try parser.checkEnd() } catch { return TransportError(error, peer: peer) }
    return .connectionLost(peer: peer, reason: "the sender closed the connection before its end frame")
  }

  /// Handles the frames in these bytes. What is left when the disk is full waits.
  func take(_ bytes: ByteBuffer) {
    let outcome: Result<Int, TransportError> = bytes.withUnsafeReadableBytes { raw in
      do throws(TransportError) { return .success(try take(raw)) } catch { return .failure(error) }
    }
    switch outcome {
    case .failure(let error): finish(.failure(error))
    case .success(let byteCount):
      guard !isFinished, isFull else { return }
      held = bytes
      held?.moveReaderIndex(forwardBy: byteCount)
      noteStorage()
    }
  }

  /// Returns how many bytes were handled: all of them, unless the disk is full or the session over.
  private func take(_ raw: UnsafeRawBufferPointer) throws(TransportError) -> Int {
    let span = raw.bindMemory(to: UInt8.self).span
    var position = 0
    while !isFinished, !isFull {
      let event: StreamEvent?
      do throws(StreamError) {
        event = try parser.next(in: span, from: &position)
      } catch {
        throw TransportError(error, peer: peer)
      }
      guard let event else { return raw.count }
      unparsedByteCount = raw.count - position
      try handle(event, raw)
    }
    return position
  }

  private func handle(_ event: StreamEvent, _ raw: UnsafeRawBufferPointer) throws(TransportError) {
    if case .abort(let abort) = event { throw .peerRefused(reason: abort.reason, text: abort.text) }
    switch (phase, event) {
    case (.greeting, .hello(let hello)):
      if try reception.mayBegin(self) { try begin(hello) } else { phase = .parked(hello) }
    case (.receiving(let inbox), _):
      switch try inbox.take(event, of: raw) {
      case .nothing: break
      case .compare: compare(inbox)
      case .complete(let complete): finish(.success(complete))
      }
    default:
      throw .protocolViolation(peer: peer, text: "a frame \"\(event.type)\" that does not fit here")
    }
  }

  private func begin(_ hello: StreamHello) throws(TransportError) {
    let inbox = try reception.begin(self, hello)
    phase = .receiving(inbox)
    movedAt = .now()
    send(StreamWelcome(receiverID: .random(in: 1 ... .max), hostName: reception.hostName).frame())
  }

  /// Settles what earlier sessions have left, in several turns of the event loop, and then tells the sender
  /// what is lacking. A full disk interrupts that: `lookForRoom` calls it again.
  func compare(_ inbox: StreamInbox) {
    guard !isFinished, let context else { return }
    guard let answer = inbox.compare() else {
      movedAt = .now()
      if inbox.isFull { return noteStorage() }
      return context.eventLoop.assumeIsolated().execute { self.compare(inbox) }
    }
    movedAt = .now()
    // How much is here, before the sender begins.
    tellSender(inbox, isUrgent: true)
    var frames = context.channel.allocator.buffer(capacity: answer.reduce(0) { $0 + $1.bodyByteCount + 5 })
    for rest in answer { frames.writeBytes(rest.frame()) }
    context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
  }

  private func send(_ frame: [UInt8]) {
    context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: frame)), promise: nil)
  }

  private func noteArrival(_ byteCount: Int) {
    arrivedByteCount += UInt64(byteCount)
    byteCountSinceMoved += byteCount
    guard byteCountSinceMoved >= Self.progressByteCount || parser.frameCount > frameCountAtMoved else {
      return
    }
    byteCountSinceMoved = 0
    frameCountAtMoved = parser.frameCount
    movedAt = .now()
  }

  /// Looks for silence; tells the sender and the user how far it is.
  private func handleTick() {
    switch phase {
    case .finished, .parked: return
    case .greeting: break
    case .receiving(let inbox):
      inbox.save(now: Instant(nanoseconds: monotonicNanoseconds()))
      lookForRoom(inbox)
      guard !isFinished else { return }
      reception.tellProgress(inbox)
      tellSender(inbox)
    }
    guard NIODeadline.now() - movedAt > idle else { return }
    let seconds = Int((Double(idle.nanoseconds) / 1e9).rounded())
    finish(.failure(.connectionLost(peer: peer, reason: "next to nothing arrived for \(seconds) s")))
  }

  /// A report when something is new, and once a second when nothing is; none to a sender that does not read
  /// them.
  func tellSender(_ inbox: StreamInbox, isUrgent: Bool = false) {
    let report = StreamReport(
      fileByteCount: inbox.hereByteCount, verifiedFileCount: UInt32(inbox.verifiedFileCount),
      missingKibibytes: inbox.missingKibibytes)
    ticksSinceTold += 1
    guard report != told || isUrgent || ticksSinceTold >= Self.reportTicks,
      context?.channel.isWritable == true
    else { return }
    told = report
    ticksSinceTold = 0
    send(report.frame())
  }

  /// Ends the connection, once; tells the sender when it is not the sender's own word.
  func finish(_ result: Result<StreamComplete, TransportError>) {
    guard !isFinished else { return }
    watch?.cancel()
    let lastFrame: [UInt8]?
    switch result {
    case .success(let complete): lastFrame = complete.frame()
    case .failure(let error): lastFrame = error.abort?.frame()
    }
    phase = .finished
    reception.end(self, result)
    if let context, context.channel.isActive { StreamGoodbye.say(lastFrame, context) }
  }
}
