import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// Ctrl-C, TERM and a terminal that is closed (HUP): the first asks the transfer to end cleanly, a second
/// Ctrl-C or TERM ends the program at once.
enum SignalTrap {
  private struct State {
    var isSet = false
    var action: (@Sendable () -> Void)?
    var isEnding = false
    var folders: Set<String> = []
  }
  private static let state = Mutex(State())

  /// To be called on the main thread before other threads start, an event loop's among them: they inherit
  /// that these signals wait for ours. Until there is something to end cleanly, a signal ends the program.
  static func set() {
    let wasSet = state.withLock { state in
      defer { state.isSet = true }
      return state.isSet
    }
    guard !wasSet else { return }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    if !isIgnored(SIGHUP) { sigaddset(&signals, SIGHUP) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let waited = signals
    DispatchQueue(label: "gallery.signals").async {
      var signals = waited
      var number: Int32 = 0
      while true {
        sigwait(&signals, &number)
        handle(number)
      }
    }
  }

  /// `nohup` has the program go on when its terminal is closed.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    let handler = action.__sigaction_handler.sa_handler
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func handle(_ number: Int32) {
    let (action, wasEnding) = state.withLock { state in
      defer {
        state.action = nil
        state.isEnding = true
      }
      return (state.action, state.isEnding)
    }
    if let action { return action() }
    // A terminal that is closed says so twice, by its shell and by the kernel: the clean end goes on.
    if wasEnding, number == SIGHUP { return }
    removeFolders()
    _exit(ExitStatus.endedByUser.rawValue)
  }

  /// Does what a signal would do: the window was closed.
  static func endCleanly() {
    let action = state.withLock { $0.action }
    action?()
  }

  /// What the next signal does, instead of ending the program.
  static func install(_ action: @escaping @Sendable () -> Void) {
    set()
    state.withLock { $0.action = action }
  }

  /// Has a folder removed when a signal ends the program; `false` when the run has removed it itself.
  static func removeAtEnd(_ path: String, _ isWanted: Bool) {
    set()
    state.withLock { state in
      if isWanted { state.folders.insert(path) } else { state.folders.remove(path) }
    }
  }

  private static func removeFolders() {
    for path in state.withLock({ $0.folders }) {
      // Other threads still run, and may put a file there meanwhile.
      for _ in 0..<20 where access(path, F_OK) == 0 { try? FileManager.default.removeItem(atPath: path) }
    }
  }
}
