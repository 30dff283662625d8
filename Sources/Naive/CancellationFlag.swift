internal import Dispatch
internal import Synchronization

/// Ctrl-C for work that blocks: set once from any thread; a sleeper wakes, and a hook (that closes what blocks) runs.
final class CancellationFlag: Sendable {
  private struct State {
    var isCancelled = false
    var hook: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Sets the flag; further calls do nothing.
  func cancel() {
    state.withLock { state in
      guard !state.isCancelled else { return }
      state.isCancelled = true
      wakeUp.signal()
      state.hook?()
    }
  }

  /// Runs `hook` at cancellation, or at once when that was before; replaces the hook before it. It runs under the
  /// flag's lock, so after `removeHook` none is running: it must not block nor use this flag.
  func setHook(_ hook: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.hook = hook
      if state.isCancelled { hook() }
    }
  }

  func removeHook() { state.withLock { $0.hook = nil } }

  /// Blocks the calling thread; cancellation ends the sleep. One sleeper at a time.
  func sleep(nanoseconds: UInt64) {
    guard nanoseconds > 0, !isCancelled else { return }
    _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
  }
}
