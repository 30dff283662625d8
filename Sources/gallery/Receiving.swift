import Accounting
import Figures
import FileSet
import Foundation
import Ground
import Naive
import Synchronization
package import Transport

/// Runs sessions of a receiver for `receive` and `show`, until one ended or, with --keep, until it is cancelled.
package final class Receiving: Sendable {
  private let options: ReceiveOptions
  private let console: Console
  private let hooks: Hooks
  private struct State {
    var cancel: (@Sendable () -> Void)?
    var isCancelled = false
    var sessionCount = 0
    /// The port of the first session; with --keep the following ones have it too, also when it was chosen for us.
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
    /// It waits for senders at this port; once, also with --keep.
    package var onListening: @Sendable (_ port: Int) -> Void = { _ in }
    package var onBegin: @Sendable (StreamSessionStart) -> Void = { _ in }
    package var onArrival: @Sendable (FileArrival) -> Void = { _ in }
    package var onVerified: @Sendable (FileArrival) -> Void = { _ in }
    package var onProgress: @Sendable (TransferProgress) -> Void = { _ in }
    /// How it ended, in one line.
    package var onSessionEnd: @Sendable (String) -> Void = { _ in }
  }

  init(_ options: ReceiveOptions, console: Console, hooks: Hooks = Hooks()) {
    self.options = options
    self.console = console
    self.hooks = hooks
  }

  func cancel() {
    let cancel = state.withLock { state in
      state.isCancelled = true
      return state.cancel
    }
    cancel?()
  }

  private var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Tries the folder out before anything listens. Throws an exit code when no files can be put into it, and says why.
  func tryOutInbox() throws {
    do { try InboxTrial.run(inboxPath: options.into, overwrite: options.overwrite) } catch {
      Console.fail(error)
      if options.output.json { options.output.printJSON(ErrorReport(error, ExitStatus(error))) }
      throw ExitStatus(error).exitCode
    }
  }

  /// The outcome of the last session.
  func run() -> ExitStatus {
    do throws(ReadyFileError) {
      if let path = options.readyFile {
        let file = try ReadyFile(path: path)
        readyFile.withLock { $0 = file }
      }
    } catch {
      note(error)
    }
    defer { readyFile.withLock { $0?.removeDraft() } }
    let status = state.withLock({ $0.readyFailure }) == nil ? runSessions() : .files
    return state.withLock { $0.readyFailure } == nil ? status : .files
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
        if options.mode == .tcp, options.protocolName == .chunked, stream == nil {
          let listening = try StreamReceiving(options, console: console, hooks: hooks)
          arm { listening.cancel() }
          listens(at: listening.port)
          stream = listening
        }
        status = try stream?.run() ?? session()
      } catch {
        status = ExitStatus(error)
        if status != .endedByUser { Console.fail(error) }
        if options.output.json { options.output.printJSON(ErrorReport(error, status)) }
        hooks.onSessionEnd("\(error)")
        // A naive receiver cannot turn a sender away: what fails there fails again.
        if status == .network || error is NaiveError { break }
      }
    } while options.keep && !isCancelled
    return isCancelled && status != .whole ? .endedByUser : status
  }

  private func session() throws -> ExitStatus {
    if options.protocolName == .naive { return try naiveSession() }
    let number = state.withLock { state in
      state.sessionCount += 1
      return state.sessionCount
    }
    let port = state.withLock { $0.port } ?? options.port
    var udp = try options.udpOptions(mode: options.mode.udp ?? .unicast, session: number, port: port)
    udp.endedSessions = endedSessions
    let receiver = UDPReceiver(udp)
    arm { receiver.cancel() }
    let report = try receiver.run(
      into: InboxOptions(path: options.into, overwrite: options.overwrite), callbacks: callbacks
    )
    let summary = ReceiveSummary.text(report, inbox: options.into, isAccountShown: options.account)
    console.say(summary)
    hooks.onSessionEnd(SessionLine.text(report))
    if options.output.json { options.output.printJSON(report) }
    return ReceiveSummary.status(report).balancing([report.accounting])
  }

  func arm(_ cancel: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLock { state in
      state.cancel = cancel
      return state.isCancelled
    }
    if isCancelled { cancel() }
  }

  /// Sessions after the first find the file there already.
  private func listens(at port: Int) {
    let isFirst = state.withLock { state in
      defer { state.port = state.port ?? port }
      return state.port == nil
    }
    guard isFirst else { return }
    hooks.onListening(port)
    do throws(ReadyFileError) { try readyFile.withLock { $0 }?.write(port: port) } catch {
      note(error)
      cancel()
    }
  }

  /// No script would learn that this receiver listens: it ends.
  private func note(_ error: ReadyFileError) {
    Console.fail(error)
    if options.output.json { options.output.printJSON(ErrorReport(error, .files)) }
    state.withLock { $0.readyFailure = error }
  }

  private var callbacks: ReceiveCallbacks {
    var callbacks = ReceiveCallbacks()
    let console = console
    let hooks = hooks
    callbacks.onNotice = { console.say($0) }
    callbacks.onListening = { [weak self] in self?.listens(at: $0) }
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

  private func naiveSession() throws -> ExitStatus {
    let (port, firstNumber) = state.withLock { ($0.port ?? options.port, $0.imageCount) }
    let receiving = try NaiveReceiving(
      options, console: console, hooks: hooks, port: port, firstNumber: firstNumber)
    arm { receiving.cancel() }
    let (status, imageCount) = try receiving.run { [weak self] in self?.listens(at: $0) }
    state.withLock { $0.imageCount += imageCount }
    return status
  }
}

/// The end of a receiver's report, as people read it.
enum ReceiveSummary {
  static func beginning(_ start: StreamSessionStart) -> String {
    "receiving \(HumanText.count(start.fileCount, "file", "files")), \(HumanText.bytes(start.fileByteCount)), from \(start.sender)"
  }

  /// "all 20 files verified", "3 of 20 files verified", "1 file verified".
  static func verified(_ verified: Int, of count: Int) -> String {
    let files = HumanText.count(count, "file", "files")
    return (verified < count ? "\(verified) of " : count > 1 ? "all " : "") + "\(files) verified"
  }

  static func files(_ verified: Int, of count: Int, inbox: String) -> String {
    "\(self.verified(verified, of: count)), in \(inbox)"
  }

  static func text(_ report: UDPReceiveReport, inbox: String, isAccountShown: Bool) -> String {
    var lines = report.failures.prefix(20).map { $0.reason }
    if report.failures.count > 20 { lines.append("… and \(report.failures.count - 20) more") }
    if let problem = report.problem { lines.append("not whole: \(problem)") }
    lines.append(
      files(report.filesVerified, of: report.fileCount, inbox: inbox)
        + (report.isWhole
          ? ": \(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.seconds, 2)) s, \(HumanText.rate(report.fileByteCount, seconds: report.seconds))"
          : ""))
    if report.missing.count > 0 { lines.append(missing(report)) }
    if report.socketDrops > 0 {
      lines.append(
        "\(HumanText.count(report.socketDrops, "datagram was", "datagrams were")) dropped at this socket: its buffer of \(HumanText.bytes(UInt64(report.receiveBufferByteCount))) was full (sysctl -w net.core.rmem_max=33554432 allows more)"
      )
    }
    if let refused = report.refused { lines.append(refused.text) }
    if isAccountShown { lines.append(report.accounting.text) }
    return lines.joined(separator: "\n")
  }

  /// Where the datagrams went that never arrived, and what it took to have them again.
  private static func missing(_ report: UDPReceiveReport) -> String {
    let missing = report.missing
    let places = [
      (missing.lostOnNetwork, "on the network"), (missing.droppedAtSocket, "at this socket"),
      (missing.droppedOnPurpose, "here on purpose"), (missing.droppedBySender, "by the sender on purpose"),
      (missing.corrupt, "damaged"),
      (missing.stillDelayed, "still delayed on purpose"),
    ].filter { $0.0 > 0 }
    return "\(HumanText.count(missing.count, "datagram", "datagrams")) lost ("
      + places.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + "); "
      + "\(HumanText.count(report.chunksAskedFor, "chunk", "chunks")) requested again in "
      + HumanText.count(report.nacksSent, "NACK", "NACKs")
  }

  static func status(_ report: UDPReceiveReport) -> ExitStatus {
    report.failures.contains(where: \.isDamaged) ? .verification : ExitStatus(report.outcome)
  }
}
