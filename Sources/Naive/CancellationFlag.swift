internal import Dispatch
internal import Synchronization

/// Cancels work that blocks. It is set once, from any thread. A sleeping thread then wakes, and a hook runs,
/// which closes what blocks.
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

  /// Runs `hook` at cancellation, or at once when the flag is set already. It replaces the earlier hook. The
  /// hook runs under the flag's lock, so none is running after `removeHook`. It must not block and must not
  /// use this flag.
  func setHook(_ hook: @escaping @Sendable () -> Void) {
    state.withLock { state in
      state.hook = hook
      if state.isCancelled { hook() }
    }
  }

  func removeHook() { state.withLock { $0.hook = nil } }

  /// Blocks the calling thread. Cancellation ends the sleep. Only one thread may sleep at a time.
  func sleep(nanoseconds: UInt64) {
    guard nanoseconds > 0, !isCancelled else { return }
    _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
  }
}
