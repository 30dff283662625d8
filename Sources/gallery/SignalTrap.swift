import Foundation

/// Ctrl-C and TERM: the first asks the transfer to end cleanly, the second ends the program at once.
enum SignalTrap {
  /// To be called on the main thread before other threads start: they inherit that these signals wait for ours.
  static func install(_ action: @escaping @Sendable () -> Void) {
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
      sigwait(&signals, &number)
      action()
      sigwait(&signals, &number)
      _exit(ExitStatus.endedByUser.rawValue)
    }
    thread.stackSize = 256 << 10
    thread.start()
  }
}
