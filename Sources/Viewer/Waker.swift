import CSDL2
import Synchronization

/// Wakes the window's thread from any other thread by an SDL event. Several wakes before the window looks
/// count as one.
final class Waker: Sendable {
  private struct State {
    var isOpen = true
    var isPending = false
  }

  private let state = Mutex(State())
  /// The type of the event, SDL_RegisterEvents' number.
  let eventType: UInt32

  init() { eventType = SDL_RegisterEvents(1) }

  /// Sends the event unless one is waiting. The lock is held during the call, so that no event is sent after
  /// SDL has ended.
  func wake() {
    state.withLock { state in
      guard state.isOpen, !state.isPending else { return }
      var event = SDL_Event()
      event.type = eventType
      state.isPending = SDL_PushEvent(&event) == 1
    }
  }

  /// Notes that the window looks now. The next wake sends an event again.
  func acknowledge() { state.withLock { $0.isPending = false } }

  /// No event is sent after this.
  func close() { state.withLock { $0.isOpen = false } }
}
