import Synchronization

/// The sessions that a receiver with --keep has had. The sender of a group announces as long as any member is
/// under way: a receiver that is done must not take the same session again.
package final class EndedSessions: Sendable {
  /// The newest that are remembered.
  private static let limit = 64

  private let ids = Mutex<[UInt64]>([])

  package init() {}

  var all: [UInt64] { ids.withLock { $0 } }

  func note(_ sessionID: UInt64) {
    ids.withLock { ids in
      if ids.count >= Self.limit { ids.removeFirst() }
      ids.append(sessionID)
    }
  }
}
