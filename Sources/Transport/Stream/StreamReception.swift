import FileSet
import Ground
import NIOCore
import Wire

/// Which of a receiver's connections is the session: one at a time. Lives on the event loop that they all
/// share.
///
/// A connection holds nobody up before its hello is whole and right: until then it is one of at most 16.
final class StreamReception {
  /// Connections that may be without a session.
  static let pendingLimit = 16

  private let options: ReceiverOptions
  /// Open connections, the session's too.
  private var connectionCount = 0
  private var parked: [StreamReceiveHandler] = []
  private var run: Run?
  private var session: Session?
  private var rejectedCount = 0
  /// Notices of connections that were turned away between two runs, for the next; not more than
  /// `pendingLimit`.
  private var unheard: [String] = []
  private var isStopped = false

  /// A call of `StreamReceiver.run` that waits for its report.
  struct Run {
    var tell: @Sendable (TransferEvent) -> Void
    var report: EventLoopPromise<StreamReceiveReport>
  }

  private struct Session {
    var handler: StreamReceiveHandler
    var inbox: StreamInbox
    var beganAtNanoseconds: UInt64
    var meter = RateMeter()
    /// Kept until the connection is closed, so that the sender has read the last word by then.
    var report: StreamReceiveReport?
    /// What arrived stays for a later session of the set; not after an error of the disk.
    var keepsParts = true
  }

  /// Nil without a code or a key.
  let ring: KeyRing?
  /// A sender with another code or key was heard, or one with a code where there is none.
  private(set) var hasHeardOtherSecret = false

  init(_ options: ReceiverOptions) {
    self.options = options
    ring = options.secret.map(KeyRing.init)
  }

  var hostName: String { options.hostName }

  /// The next session is for this run.
  func start(_ run: Run) {
    self.run = run
    for notice in unheard { run.tell(.notice(notice)) }
    unheard = []
    if isStopped { return giveUpWaiting(.cancelled) }
    guard !parked.isEmpty else { return }
    parked.removeFirst().unpark()
  }

  /// Ends this run and all later ones: its session, or its waiting.
  func cancel() {
    isStopped = true
    if let session { session.handler.cancel() } else { giveUpWaiting(.cancelled) }
  }

  /// Fails the run when no session has begun.
  func giveUpWaiting(_ error: TransportError) {
    guard session == nil, let run else { return }
    self.run = nil
    run.report.fail(error)
  }

  /// A new connection. Throws when there are too many.
  func admit(_ handler: StreamReceiveHandler) throws(TransportError) {
    connectionCount += 1
    if connectionCount > Self.pendingLimit + (session == nil ? 0 : 1) { throw .busy }
  }

  /// Whether a connection whose hello is here may begin; false: it is parked. Throws when there is a session.
  func mayBegin(_ handler: StreamReceiveHandler) throws(TransportError) -> Bool {
    if session != nil { throw .busy }
    if run != nil { return true }
    parked.append(handler)
    return false
  }

  /// Makes the connection the session. Throws `fileSet` when the inbox cannot take the set.
  func begin(_ handler: StreamReceiveHandler, _ hello: StreamHello) throws(TransportError) -> StreamInbox {
    guard let run, session == nil else { throw .busy }
    let inbox = try StreamInbox(
      hello, inbox: options.inbox, peer: handler.peer, onFile: { run.tell(.verified($0)) })
    session = Session(handler: handler, inbox: inbox, beganAtNanoseconds: monotonicNanoseconds())
    run.tell(
      .began(
        SessionStart(
          sender: handler.peer, sessionID: hello.sessionID.hexadecimal, fileCount: Int(hello.fileCount),
          fileByteCount: hello.fileByteCount)))
    return inbox
  }

  func tellProgress(_ inbox: StreamInbox) {
    guard inbox.isAnswered,
      let progress = session?.meter.streamProgress(
        done: inbox.hereByteCount, total: inbox.hello.fileByteCount, fullDiskCount: inbox.isFull ? 1 : 0)
    else { return }
    run?.tell(.progress(progress))
  }

  /// The disk is full, or has room again.
  func tellStorage(_ inbox: StreamInbox) {
    tell(StorageText.here(inbox.shortage, missingKibibytes: inbox.missingKibibytes))
  }

  /// The connection said its last word, or the other side did.
  func end(_ handler: StreamReceiveHandler, _ result: Result<StreamComplete, TransportError>) {
    parked.removeAll { $0 === handler }
    guard let session, session.handler === handler else {
      rejectedCount += 1
      if case .failure(let error) = result {
        if case .keyMismatch = error { hasHeardOtherSecret = true }
        tell("turned away \(handler.peer): \(error.description)")
      }
      return
    }
    tellProgress(session.inbox)
    self.session?.report = report(session, result)
    if case .failure(.fileSet) = result { self.session?.keepsParts = false }
  }

  /// The connection is closed.
  func leave(_ handler: StreamReceiveHandler) {
    connectionCount -= 1
    guard let session, session.handler === handler, var report = session.report else { return }
    report.arePartsKept = session.inbox.close(keepsParts: session.keepsParts)
    self.session = nil
    report.rejectedConnectionCount = rejectedCount
    rejectedCount = 0
    let run = run
    self.run = nil
    run?.report.succeed(report)
  }

  private func tell(_ notice: String) {
    if let run {
      run.tell(.notice(notice))
    } else if unheard.count < Self.pendingLimit {
      unheard.append(notice)
    }
  }

  private func report(
    _ session: Session, _ result: Result<StreamComplete, TransportError>
  ) -> StreamReceiveReport {
    let inbox = session.inbox
    var report = StreamReceiveReport(
      sender: session.handler.peer, sessionID: inbox.hello.sessionID.hexadecimal, outcome: .whole,
      fileCount: Int(inbox.hello.fileCount), fileByteCount: inbox.hello.fileByteCount,
      receivedByteCount: inbox.receivedByteCount,
      fileBytesHereBefore: inbox.hereByteCount - inbox.receivedByteCount,
      verifiedFileCount: inbox.verifiedFileCount, filesHereBefore: inbox.earlierFileCount,
      hasNothingNew: inbox.hasNothingNew, failures: inbox.failures,
      seconds: Double(monotonicNanoseconds() - session.beganAtNanoseconds) / 1e9, rejectedConnectionCount: 0)
    switch result {
    case .success(let complete):
      report.accounting = session.handler.account(of: inbox)
      report.outcome = complete.status.outcome
      if !report.failures.isEmpty {
        report.message =
          "\(report.failures.count) of \(report.fileCount) files were not kept: \(complete.text)"
      }
    case .failure(let error):
      // The session could not go on before that because the disk was full, unless the user ended it.
      let shortage = error == .cancelled ? nil : inbox.shortage
      let error = shortage.map { TransportError.fileSet($0) } ?? error
      report.outcome = error.outcome
      report.message = error.description
    }
    return report
  }
}
