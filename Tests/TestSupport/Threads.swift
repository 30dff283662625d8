import Foundation
import Synchronization

/// Runs what blocks on a thread of its own, from now on: a task would wait for a thread of the pool, which
/// the tests' blocking sockets hold.
package func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) -> Running<Value> {
  let running = Running<Value>()
  Thread.detachNewThread { running.end(Result { try work() }) }
  return running
}

package final class Running<Value: Sendable>: Sendable {
  private struct State {
    var result: Result<Value, any Error>?
    var waiting: CheckedContinuation<Result<Value, any Error>, Never>?
  }
  private let state = Mutex(State())

  fileprivate func end(_ result: Result<Value, any Error>) {
    let waiting = state.withLock { state in
      state.result = result
      return state.waiting
    }
    waiting?.resume(returning: result)
  }

  /// The result, once; one waits.
  package var value: Result<Value, any Error> {
    get async {
      await withCheckedContinuation { continuation in
        let result = state.withLock { state in
          if state.result == nil { state.waiting = continuation }
          return state.result
        }
        if let result { continuation.resume(returning: result) }
      }
    }
  }
}
