import Dispatch
import Ground
import Synchronization
import Transport

/// Which members of a group that was found have joined its session.
final class GroupJoins: Sendable {
  /// The time from the first look: one that hears the group joins within a few milliseconds.
  private static let patienceNanoseconds: UInt64 = 3_000_000_000

  private struct State {
    var missing: [FoundReceiver]
    var hasJoined = false
    var since: UInt64?
  }
  private let state: Mutex<State>

  init(_ members: [FoundReceiver]) { state = Mutex(State(missing: members)) }

  /// `receiverID`: 16 hexadecimal digits.
  func note(_ receiverID: String) {
    state.withLock { state in
      let count = state.missing.count
      state.missing.removeAll { $0.host.receiverID == receiverID }
      state.hasJoined = state.hasJoined || state.missing.count < count
    }
  }

  /// Whether some have joined and the others have taken too long.
  var isLate: Bool {
    let now = DispatchTime.now().uptimeNanoseconds
    return state.withLock { state in
      let since = state.since ?? now
      state.since = since
      return state.hasJoined && now - since >= Self.patienceNanoseconds
    }
  }

  /// Those that have not joined, once.
  func takeMissing() -> [FoundReceiver] {
    state.withLock { state in
      defer { state.missing = [] }
      return state.missing
    }
  }
}
