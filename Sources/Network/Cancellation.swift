internal import Dispatch
internal import Synchronization

/// The wish to end work that blocks. It is set once, on any thread. A sleeping thread then wakes, and an
/// action runs, which ends what blocks.
package final class Cancellation: Sendable {
  private struct State {
    var isCancelled = false
    var action: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)

  package init() {}

  package var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Sets it; further calls do nothing.
  package func cancel() {
    state.withLock { state in
      guard !state.isCancelled else { return }
      state.isCancelled = true
      wakeUp.signal()
      state.action?()
    }
  }

  /// Runs `action` at cancellation, or at once when it is set already. It replaces the earlier action; nil
  /// removes that. The action runs under a lock, so none is running after it was removed. It must not block,
  /// and must not use this cancellation.
  package func onCancel(_ action: (@Sendable () -> Void)?) {
    state.withLock { state in
      state.action = action
      if state.isCancelled { action?() }
    }
  }

  /// Blocks the calling thread. Cancellation ends the sleep. Only one thread may sleep at a time.
  package func sleep(nanoseconds: UInt64) {
    guard nanoseconds > 0, !isCancelled else { return }
    _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
  }
}
