import Synchronization

/// Carries a wish to end from any thread to whoever runs, once there is somebody to hear it.
final class Cancellation: Sendable {
  private struct State {
    var isCancelled = false
    var action: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func cancel() {
    let action = state.withLock { state in
      state.isCancelled = true
      return state.action
    }
    action?()
  }

  /// What to do when cancelled; at once when that has happened already.
  func onCancel(_ action: (@Sendable () -> Void)?) {
    let isCancelled = state.withLock { state in
      state.action = action
      return state.isCancelled
    }
    if isCancelled { action?() }
  }
}
