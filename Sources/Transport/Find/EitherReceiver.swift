import Dispatch
package import Ground
import NIOPosix
import Synchronization

/// Listens over UDP and TCP at once. The protocol by which a session begins first is received, and the other
/// one stops listening: a receiver has one session at a time.
package final class EitherReceiver: Transfer {
  package enum Report: Sendable {
    case udp(UDPReceiveReport)
    case stream(StreamReceiveReport)
  }

  private enum Winner { case udp, stream }

  private let udp: UDPReceiver
  /// Nil where its port is not free.
  private let stream: StreamReceiver?
  private let winner = Mutex<Winner?>(nil)
  private let streamResult = Mutex<Result<StreamReceiveReport, TransportError>?>(nil)

  /// Listens over TCP from now on. Without it the receiver is reached over UDP alone, which is `say`'d.
  package init(_ options: ReceiverOptions, say: (String) -> Void) {
    var options = options
    guard options.trust == nil else {
      say("not listening over TCP: it has no signatures, and --trust wants them")
      stream = nil
      udp = UDPReceiver(options)
      return
    }
    do throws(TransportError) {
      let stream = try StreamReceiver(options, group: MultiThreadedEventLoopGroup.singleton)
      options.calling?.tcpPort = stream.port
      self.stream = stream
    } catch {
      say("not listening over TCP: \(error)")
      stream = nil
    }
    udp = UDPReceiver(options)
  }

  package func cancel() {
    udp.cancel()
    stream?.cancel()
  }

  /// Returns when one session is over. The events are those of the session's protocol; what is told before a
  /// session begins is UDP's.
  package func run(_ tell: @escaping @Sendable (TransferEvent) -> Void) throws(TransportError) -> Report {
    let ended = DispatchSemaphore(value: 0)
    if let stream { start(stream, ended, tell) } else { ended.signal() }
    let result: Result<UDPReceiveReport, TransportError>
    do throws(TransportError) {
      result = .success(
        try udp.run { [self] event in
          if case .began = event, wins(.udp) { stream?.cancel() }
          if winner.withLock({ $0 }) != .stream { tell(event) }
        })
    } catch { result = .failure(error) }
    // A session over TCP that begins from now on is turned away.
    if wins(.udp) { stream?.cancel() }
    ended.wait()
    stream?.close()
    guard winner.withLock({ $0 }) == .stream, let streamed = streamResult.withLock({ $0 }) else {
      return .udp(try result.get())
    }
    return .stream(try streamed.get())
  }

  private func start(
    _ stream: StreamReceiver, _ ended: DispatchSemaphore, _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) {
    // A serial queue has a thread of its own when its work blocks.
    DispatchQueue(label: "gallery.stream").async { [self] in
      let result: Result<StreamReceiveReport, TransportError>
      do throws(TransportError) {
        result = .success(
          try stream.run { [self] event in
            if case .began = event { wins(.stream) ? udp.cancel() : stream.cancel() }
            if winner.withLock({ $0 }) == .stream { tell(event) }
          })
      } catch { result = .failure(error) }
      streamResult.withLock { $0 = result }
      ended.signal()
    }
  }

  /// Whether this protocol has the session. The first that asks has it.
  private func wins(_ candidate: Winner) -> Bool {
    winner.withLock { winner in
      winner = winner ?? candidate
      return winner == candidate
    }
  }
}
