internal import NIOCore
internal import Network

/// The counts of one receiver so far, its inbox and its reasons to end. Confined to one event loop.
final class ReceiveLedger {
  private let configuration: NaiveReceiveConfiguration
  private let inbox: ImageInbox?
  private let onEvent: @Sendable (NaiveReceiveEvent) -> Void
  private let ended: EventLoopPromise<NaiveReceiveReport>
  private var started = NIODeadline.now()
  private var idleTimer: Scheduled<Void>?
  private var waitTimer: Scheduled<Void>?
  /// The wait is over, and an open connection may still bring the first image.
  private var isWaitOver = false
  private(set) var report: NaiveReceiveReport
  private(set) var isEnded = false

  init(
    configuration: NaiveReceiveConfiguration, inbox: ImageInbox?,
    ended: EventLoopPromise<NaiveReceiveReport>, onEvent: @escaping @Sendable (NaiveReceiveEvent) -> Void
  ) {
    self.configuration = configuration
    self.inbox = inbox
    self.onEvent = onEvent
    self.ended = ended
    report = NaiveReceiveReport(mode: configuration.endpoint.mode, localAddress: configuration.endpoint.host)
  }

  /// The socket listens now: the clock starts, and so does the wait for a first image.
  func open(at address: SocketAddress?, receiveBufferByteCount: Int) {
    started = .now()
    report.localAddress = address?.text ?? configuration.endpoint.host
    report.receiveBufferByteCount = receiveBufferByteCount
    onEvent(
      .listening(
        address: address?.ipAddress ?? configuration.endpoint.host, port: address?.port ?? 0,
        receiveBufferByteCount: receiveBufferByteCount))
    guard let wait = limits.waitNanoseconds else { return }
    waitTimer = schedule(after: wait) { $0.endWait() }
  }

  var limits: NaiveReceiveConfiguration.Limits { configuration.limits }

  // MARK: Counting

  /// Counts a datagram. Returns false when it is to be lost on purpose.
  func admitDatagram(byteCount: Int) -> Bool {
    let number = report.datagramCount
    report.datagramCount += 1
    guard let drop = configuration.drop, drop(number, byteCount) else { return true }
    report.droppedDatagramCount += 1
    return false
  }

  func countChunkedDatagram(from peer: SocketAddress) {
    report.chunkedDatagramCount += 1
    if report.chunkedDatagramCount == 1 { onEvent(.chunkedSender(peer: peer.text)) }
  }

  func countConnection() {
    report.connectionCount += 1
    report.openConnectionCount += 1
    idleTimer?.cancel()  // from here on the silent-peer timeout watches
  }

  /// Takes the empty datagram or connection, which ends the session.
  func takeEndMarker() {
    guard !isEnded else { return }
    report.endMarkerCount += 1
    end(.endMarker)
  }

  /// Counts the end of a connection, whatever its outcome.
  func closeConnection() { if report.openConnectionCount > 0 { report.openConnectionCount -= 1 } }

  func countBrokenConnection(from peer: String, byteCount: UInt64, reason: String) {
    report.brokenConnectionCount += 1
    onEvent(.brokenConnection(peer: peer, byteCount: byteCount, reason: reason))
    goOnWaiting()
  }

  func countOversizeImage(from peer: String) {
    report.oversizeImageCount += 1
    onEvent(.oversizeImage(peer: peer, limitByteCount: limits.imageByteCount))
    goOnWaiting()
  }

  // MARK: Images

  /// A file for the next image; nil when images are only counted.
  func beginImage() throws(NaiveError) -> PartialImage? {
    try inbox?.begin(image: report.imageCount)
  }

  /// Takes a whole image.
  func finishImage(
    _ image: PartialImage?, byteCount: UInt64, isJPEG: Bool, from peer: String
  ) throws(NaiveError) {
    let path = try image?.finish()
    let index = report.imageCount
    report.imageCount += 1
    report.imageByteCount += byteCount
    if !isJPEG { report.nonJPEGImageCount += 1 }
    waitTimer?.cancel()
    onEvent(.image(ReceivedImage(index: index, byteCount: byteCount, path: path, isJPEG: isJPEG, peer: peer)))
    restartIdleTimer()
    if report.imageCount == limits.imageCount { end(.imageLimit) }
  }

  // MARK: The end

  /// Ends the session; later calls do nothing.
  func end(_ outcome: NaiveReceiveOutcome) {
    guard !isEnded else { return }
    isEnded = true
    cancelTimers()
    report.outcome = outcome
    report.durationNanoseconds = UInt64(max(0, (NIODeadline.now() - started).nanoseconds))
    onEvent(.ended(outcome, imageCount: report.imageCount))
    ended.succeed(report)
  }

  /// Ends the session by an error.
  func fail(_ error: NaiveError) {
    guard !isEnded else { return }
    isEnded = true
    cancelTimers()
    ended.fail(error)
  }

  // MARK: Timers

  /// No image has arrived, and the wait is over. An open connection may still bring one.
  private func endWait() {
    guard report.openConnectionCount == 0 else { return isWaitOver = true }
    end(.waitTimeout)
  }

  /// A connection ended without an image.
  private func goOnWaiting() {
    if isWaitOver, report.imageCount == 0 { return end(.waitTimeout) }
    restartIdleTimer()
  }

  /// Before the first image the wait counts, not the idle timeout, because a person needs time to start the
  /// sender.
  private func restartIdleTimer() {
    idleTimer?.cancel()
    guard let timeout = limits.idleTimeoutNanoseconds, report.imageCount > 0, !isEnded else { return }
    idleTimer = schedule(after: timeout) { $0.end(.idleTimeout) }
  }

  private func cancelTimers() {
    idleTimer?.cancel()
    waitTimer?.cancel()
  }

  private func schedule(after nanoseconds: UInt64, _ body: @escaping (ReceiveLedger) -> Void) -> Scheduled<
    Void
  > {
    ended.futureResult.eventLoop.assumeIsolated()
      .scheduleTask(in: .nanoseconds(Int64(nanoseconds))) { body(self) }
  }
}
