import Synchronization

/// Tells the window's thread, from any other thread, that there is something to look at. Only a flag: the
/// window's thread alone calls SDL, because a display that goes away ends the program inside the X library,
/// with its locks held, and a second thread would wait there for ever.
final class Waker: Sendable {
  private let isPending = Atomic(false)

  func wake() { isPending.store(true, ordering: .releasing) }

  /// Whether there was a wake since the last call.
  func take() -> Bool { isPending.exchange(false, ordering: .acquiringAndReleasing) }
}
