import Synchronization

/// A part of a simulation's receivers. The parts live through a window of time beside each other, on as many
/// processors as there are. No receiver hears another, so that the result does not depend on the processors.
final class ReceiverShard: Sendable {
  struct State: Sendable {
    fileprivate(set) var receivers: [SimulatedReceiver]
    /// Of the last window.
    fileprivate(set) var output = ReceiverOutput()
    /// When a receiver wants to be called next.
    fileprivate(set) var nextNanoseconds = UInt64.max
  }

  private let scenario: Scenario
  private let index: Int
  private let first: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - index: of this part.
  ///   - receivers: the numbers of its receivers.
  init(index: Int, receivers: Range<Int>, scenario: Scenario) {
    self.scenario = scenario
    self.index = index
    first = receivers.lowerBound
    state = Mutex(State(receivers: receivers.map { SimulatedReceiver(index: $0, scenario: scenario) }))
  }

  func read<Result: Sendable>(_ body: (borrowing State) -> Result) -> Result { state.withLock { body($0) } }

  /// Each receiver lives through the window.
  func advance(_ window: ReceiverWindow) {
    state.withLock { state in
      state.output.begin()
      state.nextNanoseconds = .max
      for single in window.singles[index] { state.receivers[single.receiver - first].inbox.append(single) }
      for receiver in state.receivers.indices {
        state.receivers[receiver].advance(window, as: first + receiver, of: scenario, &state.output)
        state.nextNanoseconds = min(state.nextNanoseconds, state.receivers[receiver].wakeAt)
      }
    }
  }
}
