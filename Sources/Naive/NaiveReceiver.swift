import Ground
internal import NIOCore
internal import NIOPosix
internal import Network

/// A baseline receiver: takes one session of images, in any of the four modes, and reports which images
/// arrived. It repairs nothing, because the protocol that it demonstrates repairs nothing.
package final class NaiveReceiver: Sendable {
  private let configuration: NaiveReceiveConfiguration
  private let cancellation = Cancellation()

  /// Checks the configuration; touches neither disk nor network.
  package init(_ configuration: NaiveReceiveConfiguration) throws(NaiveError) {
    try configuration.validate()
    self.configuration = configuration
  }

  /// Ends `run`, from any thread; the report then says `cancelled`.
  package func cancel() { cancellation.cancel() }

  /// Receives until the end marker, the idle timeout, the image limit or `cancel()`. Blocks the calling
  /// thread, so never call it on an event loop. `onEvent` runs on the receiver's own thread, one event at a
  /// time.
  ///
  /// - Throws: when the inbox, the address or the socket cannot be used, or the disk fails. A loss is no
  ///   error, because nobody can detect it.
  package func run(
    onEvent: @escaping @Sendable (NaiveReceiveEvent) -> Void = { _ in }
  ) throws(NaiveError) -> NaiveReceiveReport {
    var inbox: ImageInbox?
    if let directory = configuration.inbox.directory {
      inbox = try ImageInbox(configuration.inbox, directory: directory)
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let loop = group.next()
    let ended = loop.makePromise(of: NaiveReceiveReport.self)
    do {
      let configuration = configuration
      let ledger = try loop.submit { [inbox] in
        let ledger = ReceiveLedger(configuration: configuration, inbox: inbox, ended: ended, onEvent: onEvent)
        return NIOLoopBound(ledger, eventLoop: loop)
      }.wait()
      cancellation.onCancel { loop.execute { ledger.value.end(.cancelled) } }
      defer { cancellation.onCancel(nil) }
      return configuration.endpoint.mode == .tcp
        ? try receiveStreams(on: loop, ledger: ledger, ended: ended.futureResult)
        : try receiveDatagrams(on: loop, ledger: ledger, ended: ended.futureResult)
    } catch {
      ended.fail(error)  // unless the ledger did: a promise must be kept or broken
      throw .from(error, action: "the naive receiver failed")
    }
  }

  private func receiveDatagrams(
    on loop: any EventLoop, ledger: NIOLoopBound<ReceiveLedger>, ended: EventLoopFuture<NaiveReceiveReport>
  ) throws -> NaiveReceiveReport {
    let channel = try DatagramSocket.bindReceiver(configuration, on: loop)
    defer { try? channel.close().wait() }
    let bufferByteCount = DatagramSocket.receiveBufferByteCount(of: channel)
    try loop.submit {
      try channel.pipeline.syncOperations.addHandler(DatagramReceiver(ledger: ledger.value))
      ledger.value.open(at: channel.localAddress, receiveBufferByteCount: bufferByteCount)
    }.wait()
    try channel.setOption(.autoRead, value: true).wait()
    var report = try ended.wait()
    report.socketDropCount = DatagramSocket.dropCount(of: channel)
    return report
  }

  private func receiveStreams(
    on loop: any EventLoop, ledger: NIOLoopBound<ReceiveLedger>, ended: EventLoopFuture<NaiveReceiveReport>
  ) throws -> NaiveReceiveReport {
    let channel = try StreamSocket.bindReceiver(configuration, on: loop) { peer in
      NaiveStreamReceiver(ledger: ledger.value, peer: peer)
    }
    defer { try? channel.close().wait() }
    try loop.submit {
      ledger.value.open(at: channel.localAddress, receiveBufferByteCount: 0)
      channel.read()  // the first connection
    }.wait()
    return try ended.wait()
  }
}
