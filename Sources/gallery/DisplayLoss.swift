import Glibc
import Synchronization

/// A display that goes away under an open window. The X library then calls exit(3), wherever it stands: what
/// is under way is ended from there, as if the window had been closed.
enum DisplayLoss {
  private static let action = Mutex<(@Sendable () -> ExitStatus)?>(nil)
  private static let isRegistered = Mutex(false)

  /// `action` ends what is under way, and says what its exit code is.
  static func watch(_ action: @escaping @Sendable () -> ExitStatus) {
    self.action.withLock { $0 = action }
    isRegistered.withLock { isRegistered in
      guard !isRegistered else { return }
      isRegistered = true
      atexit { DisplayLoss.end() }
    }
  }

  /// The window is closed.
  static func unwatch() { action.withLock { $0 = nil } }

  private static func end() {
    let action = action.withLock { action in
      defer { action = nil }
      return action
    }
    guard let action else { return }
    Console.fail("the display is gone")
    let status = action()
    StandardStreams.drain()
    _exit(status.rawValue)
  }
}
