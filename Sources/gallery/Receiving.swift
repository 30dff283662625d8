import Accounting
import Figures
import FileSet
import Foundation
import Ground
import Naive
import Synchronization
import Trace
package import Transport

/// Runs sessions of a receiver for `receive` and `show`, until one ended or, with --keep, until it is
/// cancelled.
package final class Receiving: Sendable {
  private let plan: ReceivePlan
  private let console: Console
  private let hooks: Hooks
  private struct State {
    var cancel: (@Sendable () -> Void)?
    var isCancelled = false
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
  private let endedSessions = EndedSessions()
  private let readyFile = Mutex<ReadyFile?>(nil)

  /// What a window wants to know.
  package struct Hooks: Sendable {
    /// It waits for a session there. With --keep once before each.
    package var onListening: @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    package var onBegin: @Sendable (StreamSessionStart) -> Void = { _ in }
    package var onArrival: @Sendable (FileArrival) -> Void = { _ in }
    package var onVerified: @Sendable (FileArrival) -> Void = { _ in }
    package var onProgress: @Sendable (TransferProgress) -> Void = { _ in }
    /// How it ended, in one line.
    package var onSessionEnd: @Sendable (String) -> Void = { _ in }
  }

  init(_ plan: ReceivePlan, console: Console, hooks: Hooks = Hooks()) {
    self.plan = plan
    self.console = console
    self.hooks = plan.output.jsonLines ? hooks.writingEvents() : hooks
  }

  func cancel() {
    let cancel = state.withLock { state in
      state.isCancelled = true
      return state.cancel
    }
    cancel?()
  }

  private var isCancelled: Bool { state.withLock { $0.isCancelled } }
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
    var stream: StreamReceiving?
    defer {
      state.withLock { $0.cancel = nil }
      stream?.close()
    }
    repeat {
      do {
        switch plan.driver {
        case .naive(let configuration): status = try naiveSession(configuration)
        case .chunked(let options): status = try chunkedSession(options)
        case .stream(let options):
          let listening = try stream ?? StreamReceiving(options, plan: plan, console: console, hooks: hooks)
          stream = listening
          arm { listening.cancel() }
          listens(at: listening.address, listening.port)
          status = try listening.run()
        }
      } catch {
        let cause = readyFailure
        status = cause == nil ? ExitStatus(error) : .files
        if cause == nil, status != .endedByUser { Console.fail(error) }
        plan.output.end(cause ?? error, status)
        hooks.onSessionEnd("\(error)")
        // A naive receiver cannot turn a sender away: what fails there fails again.
        if status == .network || error is NaiveError { break }
      }
    } while plan.keeps && !isCancelled
    return isCancelled && status != .whole ? .endedByUser : status
  }

  private func chunkedSession(_ options: UDPReceiveOptions) throws -> ExitStatus {
    var options = options
    options.endedSessions = endedSessions
    let (port, number) = state.withLock { state in
      state.sessionCount += 1
      return (state.port, state.sessionCount)
    }
    options.port = port ?? options.port
    if number > 1 { options.trace = options.trace.labelled("\(number)") }
    let receiver = UDPReceiver(options)
    arm { receiver.cancel() }
    let report = try receiver.run(into: plan.inbox, callbacks: callbacks)
    let summary = ReceiveSummary.text(
      report, inbox: plan.inbox.path, isAccountShown: plan.isAccountShown)
    console.say(summary)
    hooks.onSessionEnd(SessionLine.text(report))
    let status = ReceiveSummary.status(report).balancing([report.accounting])
    plan.output.end(report, isWhole: report.isWhole, status)
    return status
  }

  private func naiveSession(_ configuration: NaiveReceiveConfiguration) throws -> ExitStatus {
    var configuration = configuration
    let (port, imageCount) = state.withLock { ($0.port, $0.imageCount) }
    configuration.endpoint.port = port ?? configuration.endpoint.port
    configuration.inbox.firstNumber = imageCount
    let receiving = try NaiveReceiving(configuration, plan: plan, console: console, hooks: hooks)
    arm { receiving.cancel() }
    let (status, count) = try receiving.run { [weak self] in self?.listens(at: $0, $1) }
    state.withLock { $0.imageCount += count }
    return status
  }

  func arm(_ cancel: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLock { state in
      state.cancel = cancel
      return state.isCancelled
    }
    if isCancelled { cancel() }
  }

  private func listens(at address: String, _ port: Int) {
    let isFirst = state.withLock { state in
      defer { state.port = state.port ?? port }
      return state.port == nil
    }
    hooks.onListening(address, port)
    // Sessions after the first find the file there already.
    guard isFirst else { return }
    do throws(ReadyFileError) { try readyFile.withLock { $0 }?.write(port: port) } catch {
      // No script would learn that this receiver listens: it ends.
      Console.fail(error)
      state.withLock { $0.readyFailure = error }
      cancel()
    }
  }

  private var callbacks: ReceiveCallbacks {
    var callbacks = ReceiveCallbacks()
    let console = console
    let hooks = hooks
    callbacks.onNotice = { console.say($0) }
    callbacks.onListening = { [weak self] in self?.listens(at: $0, $1) }
    callbacks.onBegin = {
      console.say(ReceiveSummary.beginning($0))
      hooks.onBegin($0)
    }
    callbacks.onProgress = {
      console.show($0)
      hooks.onProgress($0)
    }
    callbacks.onArrival = hooks.onArrival
    callbacks.onVerified = hooks.onVerified
    return callbacks
  }
}
