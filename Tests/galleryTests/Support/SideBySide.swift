import Figures
import Synchronization
import Testing

/// For suites that mostly wait for processes: some of their tests run at a time, more than there are cores.
/// Without a bound all would start at once, and their processes would be slow. swift-testing's time of a test
/// contains its wait for a place, so the time without it is printed; Tools/test lists it.
struct SideBySide: SuiteTrait, TestTrait, TestScoping {
  private static let places = Places(count: 6)

  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    await Self.places.take()
    let beganAt = ContinuousClock.now
    defer {
      print("own time: \(HumanText.fixed((ContinuousClock.now - beganAt) / .seconds(1), 3)) s \(test.name)")
      Self.places.giveBack()
    }
    try await function()
  }
}

extension Trait where Self == SideBySide {
  static var sideBySide: Self { Self() }
}

/// Places that tests take and give back, first come, first served.
private final class Places: Sendable {
  private struct State {
    var freeCount: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(freeCount: count)) }

  func take() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        guard state.freeCount == 0 else {
          state.freeCount -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func giveBack() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.freeCount += 1
      return nil
    }
    next?.resume()
  }
}
