import Accounting
import FileSet
import NIOCore
import Wire

/// The receiver's end of one connection; Specs/chunked-tcp.md §5.2. Lives on the channel's event loop, which
/// is also the listener's.
///
/// Bytes go from the socket's buffer straight to the file: while they are written nothing is read, so a slow
/// disk slows the sender by TCP's own window, and nothing piles up.
final class StreamReceiveHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// As many bytes, or a whole frame, must come in each idle time: who drips a byte at a time is as good as
  /// silent.
  private static let progressByteCount = 4_096
  private static let tick = TimeAmount.milliseconds(100)
  private static let reportTicks = 10

  let peer: String
  private let reception: StreamReception
  private let idle: TimeAmount
  private var parser = StreamFrameParser()
  private var phase = Phase.greeting
  private var context: ChannelHandlerContext?
  private var movedAt = NIODeadline.now()
  private var byteCountSinceMoved = 0
  private var frameCountAtMoved: UInt64 = 0
  private var watch: RepeatedTask?
  private var told = StreamReport(fileByteCount: 0, verifiedFileCount: 0)
  private var ticksSinceTold = 0
  /// Bytes out of the socket, and those of them that are not parsed yet.
  private var arrivedByteCount: UInt64 = 0
  private var unparsedByteCount = 0

  private enum Phase {
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
    let bytes = unwrapInboundIn(data)
    do throws(TransportError) {
      let outcome: Result<Void, TransportError> = bytes.withUnsafeReadableBytes { raw in
        do throws(TransportError) { return .success(try take(raw)) } catch { return .failure(error) }
      }
      try outcome.get()
    } catch {
      finish(.failure(error))
    }
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

  private var isFinished: Bool { if case .finished = phase { true } else { false } }

  /// Why a connection that ended now ended too early.
  private var errorAtEnd: TransportError {
    do throws(StreamError) { try parser.checkEnd() } catch { return TransportError(error, peer: peer) }
    return .connectionLost(peer: peer, reason: "the sender closed the connection before its end frame")
  }

  private func take(_ raw: UnsafeRawBufferPointer) throws(TransportError) {
    let span = raw.bindMemory(to: UInt8.self).span
    noteArrival(raw.count)
    var position = 0
    while !isFinished {
      let event: StreamEvent?
      do throws(StreamError) {
        event = try parser.next(in: span, from: &position)
      } catch {
        throw TransportError(error, peer: peer)
      }
      guard let event else { return }
      unparsedByteCount = raw.count - position
      try handle(event, raw)
    }
  }

  private func handle(_ event: StreamEvent, _ raw: UnsafeRawBufferPointer) throws(TransportError) {
    if case .abort(let abort) = event { throw .peerRefused(reason: abort.reason, text: abort.text) }
    switch (phase, event) {
    case (.greeting, .hello(let hello)):
      if try reception.mayBegin(self) { try begin(hello) } else { phase = .parked(hello) }
    case (.receiving(let inbox), _):
      if let complete = try inbox.take(event, of: raw) { finish(.success(complete)) }
    default:
      throw .protocolViolation(peer: peer, text: "a frame \"\(event.type)\" that does not fit here")
    }
  }

  /// What the bytes were, at the end frame: those out of the socket against the frames' own lengths.
  func account(of inbox: StreamInbox) -> Account {
    func frames(_ name: String, _ type: StreamFrameType) -> Equation.Term {
      Equation.Term(name, parser.announcedByteCount(of: type))
    }
    return Account([
      Equation(
        "bytes", [Equation.Term("received", arrivedByteCount)],
        [
          frames("hello", .hello), frames("manifest", .manifest), frames("data", .data),
          frames("digests", .digest), frames("end", .end),
          Equation.Term("behind the end", UInt64(unparsedByteCount)),
        ]),
      Equation(
        "bytes", [Equation.Term("of files", inbox.hello.fileByteCount)],
        [Equation.Term("stored", inbox.receivedByteCount)], isDetail: true),
    ])
  }

  private func begin(_ hello: StreamHello) throws(TransportError) {
    let inbox = try reception.begin(self, hello)
    phase = .receiving(inbox)
    movedAt = .now()
    send(StreamWelcome(receiverID: .random(in: 1 ... .max), hostName: reception.hostName).frame())
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
      reception.tellProgress(inbox)
      tellSender(inbox)
    }
    guard NIODeadline.now() - movedAt > idle else { return }
    let seconds = Int((Double(idle.nanoseconds) / 1e9).rounded())
    finish(.failure(.connectionLost(peer: peer, reason: "next to nothing arrived for \(seconds) s")))
  }

  /// A report when something is new, and once a second when nothing is; none to a sender that does not read
  /// them.
  private func tellSender(_ inbox: StreamInbox) {
    let report = StreamReport(
      fileByteCount: inbox.receivedByteCount, verifiedFileCount: UInt32(inbox.verifiedFileCount))
    ticksSinceTold += 1
    guard report != told || ticksSinceTold >= Self.reportTicks, context?.channel.isWritable == true else {
      return
    }
    told = report
    ticksSinceTold = 0
    send(report.frame())
  }

  /// Ends the connection, once; tells the sender when it is not the sender's own word.
  private func finish(_ result: Result<StreamComplete, TransportError>) {
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
