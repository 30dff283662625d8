import Dispatch
import Synchronization

/// Waits until every receiver of a run listens, or until one of them ends without.
final class Listening: Sendable {
  private let state: Mutex<(waiting: Int, port: Int?, isOver: Bool)>
  private let semaphore = DispatchSemaphore(value: 0)

  init(count: Int) { state = Mutex((count, nil, false)) }

  /// A receiver listens at this port.
  func begin(port: Int) {
    let isReady = state.withLock { state in
      state.waiting -= 1
      state.port = port
      return state.waiting == 0
    }
    if isReady { semaphore.signal() }
  }

  /// A receiver ended. If it never listened, nobody must wait for it.
  func gaveUp() {
    state.withLock { $0.isOver = true }
    semaphore.signal()
  }

  /// Blocks. The port that all listen at; nil when a receiver ended before all listened.
  func port() -> Int? {
    semaphore.wait()
    return state.withLock { $0.isOver ? nil : $0.port }
  }
}
