import Accounting
import Figures
import FileSet
import Ground
import NIOPosix
import Naive
import Network
import Synchronization
import Trace
import Transport
import Viewer

/// Runs sessions of a receiver for `receive` and `show`, until one ended or, with --keep, until it is
/// cancelled.
package final class Receiving: Sendable {
  private let plan: ReceivePlan
  private let console: Console
  /// A window or a terminal wants to know as well.
  private let tell: @Sendable (TransferEvent) -> Void
  /// Wants to know which chunks are here.
  private let pictures: WindowFeed?
  private struct State {
    var sessionCount = 0
    /// The port of the first session; with --keep the following ones have it too, also when it was chosen for
    /// us.
    var port: Int?
    /// Why --ready-file could not be written.
    var readyFailure: ReadyFileError?
    /// Naive: images stored so far.
    var imageCount = 0
  }
  private let state = Mutex(State())
  private let cancellation = Cancellation()
  private let endedSessions = EndedSessions()
  private let readyFile = Mutex<ReadyFile?>(nil)

  init(
    _ plan: ReceivePlan, console: Console, tell: @escaping @Sendable (TransferEvent) -> Void = { _ in },
    pictures: WindowFeed? = nil
  ) {
    self.pictures = pictures
    self.plan = plan
    self.console = console
    self.tell = tell
  }

  func cancel() { cancellation.cancel() }

  private var readyFailure: ReadyFileError? { state.withLock { $0.readyFailure } }

  /// Tries the folder out before anything listens. Throws an exit code when no files can be put into it, and
  /// says why.
  func tryOutInbox() throws {
    do { try InboxTrial.run(inboxPath: plan.inbox.path, overwrite: plan.inbox.overwrite) } catch {
      Console.fail(error)
      let status = ExitStatus(error)
      plan.output.end(error, status)
      throw status.exitCode
    }
  }

  /// The outcome of the last session.
  func run() -> ExitStatus {
    do throws(ReadyFileError) {
      if let path = plan.readyFile {
        let file = try ReadyFile(path: path)
        readyFile.withLock { $0 = file }
      }
    } catch {
      Console.fail(error)
      plan.output.end(error, .files)
      return .files
    }
    defer { readyFile.withLock { $0?.removeDraft() } }
    let status = runSessions()
    return readyFailure == nil ? status : .files
  }

  private func runSessions() -> ExitStatus {
    var status = ExitStatus.whole
    var stream: StreamReceiver?
    defer {
      cancellation.onCancel(nil)
      stream?.close()
    }
    repeat {
      do {
        switch plan.driver {
        case .naive(let configuration): status = try naiveSession(configuration)
        case .chunked(let options) where options.mode == .tcp:
          let receiver = try stream ?? StreamReceiver(options, group: MultiThreadedEventLoopGroup.singleton)
          stream = receiver
          status = try session(receiver).status
        case .chunked(let options) where options.calling != nil:
          status = try either(EitherReceiver(next(options), say: console.say))
        case .chunked(let options): status = try session(UDPReceiver(next(options))).status
        }
      } catch {
        let cause = readyFailure
        status = cause == nil ? ExitStatus(error) : .files
        if cause == nil, status != .endedByUser { Console.fail(error) }
        plan.output.end(cause ?? error, status)
        tell(.ended("\(error)"))
        // A naive receiver cannot turn a sender away: what fails there fails again.
        if status == .network || error is NaiveError { break }
      }
    } while plan.keeps && !cancellation.isCancelled
    return cancellation.isCancelled && status != .whole ? .endedByUser : status
  }

  /// One session, to its end.
  private func session<Receiver: Transfer>(
    _ receiver: Receiver
  ) throws -> (status: ExitStatus, report: Receiver.Report) where Receiver.Report: ReceivedReport {
    cancellation.onCancel { receiver.cancel() }
    let report = try receiver.run { [weak self] in self?.handle($0) }
    return (finish(report), report)
  }

  /// One session by UDP or TCP, to its end.
  private func either(_ receiver: EitherReceiver) throws -> ExitStatus {
    cancellation.onCancel { receiver.cancel() }
    switch try receiver.run({ [weak self] in self?.handle($0) }) {
    case .udp(let report): return finish(report)
    case .stream(let report): return finish(report)
    }
  }

  /// Says how a session ended, to people and machines.
  private func finish(_ report: some ReceivedReport) -> ExitStatus {
    for line in report.lines(inbox: plan.inbox.path, isAccountShown: plan.isAccountShown) {
      console.say(line)
    }
    tell(.ended(report.summary(inbox: plan.inbox.path)))
    return plan.output.end(report)
  }

  /// The options of the next session over UDP.
  private func next(_ options: ReceiverOptions) -> ReceiverOptions {
    var options = options
    options.endedSessions = endedSessions
    options.onSample = pictures?.take
    if let feed = pictures?.feed { options.isSampleWanted = { feed.takeSampleWish() } }
    let (port, number) = state.withLock { state in
      state.sessionCount += 1
      return (state.port, state.sessionCount)
    }
    options.port = port ?? options.port
    if number > 1 { options.trace = options.trace.labelled("\(number)") }
    return options
  }

  private func naiveSession(_ configuration: NaiveReceiveConfiguration) throws -> ExitStatus {
    var configuration = configuration
    let (port, imageCount) = state.withLock { ($0.port, $0.imageCount) }
    configuration.endpoint.port = port ?? configuration.endpoint.port
    configuration.inbox.firstNumber = imageCount
    let (status, report) = try session(NaiveReceiving(configuration))
    state.withLock { $0.imageCount += report.imageCount }
    return status
  }

  private func handle(_ event: TransferEvent) {
    let isFirst = state.withLock { state in
      guard case .listening(_, let port) = event, state.port == nil else { return false }
      state.port = port
      return true
    }
    console.tell(event)
    tell(event)
    plan.output.tell(event)
    // Sessions after the first find the file there already.
    guard isFirst, case .listening(_, let port) = event else { return }
    do throws(ReadyFileError) { try readyFile.withLock { $0 }?.write(port: port) } catch {
      // No script would learn that this receiver listens: it ends.
      Console.fail(error)
      state.withLock { $0.readyFailure = error }
      cancel()
    }
  }
}
