import ArgumentParser
import Dispatch
package import Ground
import Synchronization
package import Transport
package import Viewer

/// The window of a sender, or its picture: joins the sessions to them. Sessions only leave samples here, and
/// wait for nothing.
package final class SendingWindow: Sendable {
  package let feed = GalleryFeed()

  private struct State {
    var board: SendingBoard
    var isStartWanted = false
  }
  private let state: Mutex<State>
  /// A group or a search, which wait for receivers.
  private let canWait: Bool

  package init(title: String, canWait: Bool) {
    self.canWait = canWait
    state = Mutex(State(board: SendingBoard(title: title)))
    show()
  }

  @Sendable package func tell(_ event: TransferEvent) {
    if case .progress(let progress) = event {
      feed.setStatus(ProgressText.line(progress, label: ""))
      feed.setProgress(progress.fraction)
    } else {
      state.withLock { $0.board.tell(event) }
      show()
    }
  }

  @Sendable package func take(_ sample: SendingSample) {
    state.withLock { $0.board.take(sample) }
    show()
  }

  private func show() { feed.setBoard(state.withLock { $0.board.board(canWait: canWait) }) }

  /// Enter was pressed in the window.
  package func wantStart() { state.withLock { $0.isStartWanted = true } }

  /// Whether it was pressed since the last call.
  package func takeStart() -> Bool {
    state.withLock { state in
      defer { state.isStartWanted = false }
      return state.isStartWanted
    }
  }

  /// All is over.
  func end(_ status: ExitStatus) {
    state.withLock { $0.board.end() }
    show()
    feed.finish(
      status: status == .whole ? "every receiver has every file" : "not whole: see the receivers above")
  }

  private static func status(_ result: Result<Void, any Error>) -> ExitStatus {
    switch result {
    case .success: .whole
    case .failure(let code as ExitCode): ExitStatus(rawValue: code.rawValue) ?? .network
    case .failure(let error): ExitStatus(error)
    }
  }

  /// The window on this thread, `send` on another; closing the window ends what is under way. Throws what
  /// `send` throws.
  func run(_ options: ViewerOptions, _ send: @escaping @Sendable () throws -> Void) throws {
    var options = options
    options.onStart = { [weak self] in self?.wantStart() }
    let view = try GalleryWindow(feed: feed, options: options)
    let ended = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Void, any Error>>(.success(()))
    DispatchQueue(label: "gallery.sending").async { [self] in
      let outcome = Result { try send() }
      result.withLock { $0 = outcome }
      let status = Self.status(outcome)
      end(status)
      // Ctrl-C closes the window too, before the end and after it.
      SignalTrap.install { [feed] in feed.requestClose() }
      if status == .endedByUser { feed.requestClose() }
      ended.signal()
    }
    // A transfer outlives its window's display: the receivers get what is on its way.
    DisplayLoss.watch {
      ended.wait()
      return Self.status(result.withLock { $0 })
    }
    defer { DisplayLoss.unwatch() }
    _ = try view.run()
    DisplayLoss.unwatch()
    // A session that begins just now hears it the next time.
    while ended.wait(timeout: .now() + 0.1) == .timedOut { SignalTrap.endCleanly() }
    try result.withLock { $0 }.get()
  }
}

/// `--window` and `--screenshot` of `send`.
struct SendingWindowOptions: ParsableArguments {
  @Flag(help: "Chunked over UDP only: a window with a row for each receiver; Enter there starts a group.")
  var window = false
  @Option(
    help: ArgumentHelp(
      "Chunked over UDP only: write a picture of the receivers as they were at the end; it needs no display.",
      valueName: "file.png"))
  var screenshot: String?

  var isWanted: Bool { window || screenshot != nil }

  var partialOptions: [PartialOption] {
    [
      PartialOption("--window", window, .chunkedUDP),
      PartialOption("--screenshot", screenshot != nil, .chunkedUDP),
    ]
  }
}
