import Foundation
import Synchronization

/// Ctrl-C and TERM: the first asks the transfer to end cleanly, the second ends the program at once.
enum SignalTrap {
  private struct State {
    var isSet = false
    var action: (@Sendable () -> Void)?
  }
  private static let state = Mutex(State())

  /// To be called on the main thread before other threads start, an event loop's among them: they inherit that these
  /// signals wait for ours. Until there is something to end cleanly, a signal ends the program.
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
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    let waited = signals
    let thread = Thread {
      var signals = waited
      var number: Int32 = 0
      while true {
        sigwait(&signals, &number)
        // Taken out: the second signal finds none.
        let action = state.withLock { state in
          defer { state.action = nil }
          return state.action
        }
        guard let action else { _exit(ExitStatus.endedByUser.rawValue) }
        action()
      }
    }
    thread.stackSize = 256 << 10
    thread.start()
  }

  /// What the next signal does, instead of ending the program.
  static func install(_ action: @escaping @Sendable () -> Void) {
    set()
    state.withLock { $0.action = action }
  }
}
