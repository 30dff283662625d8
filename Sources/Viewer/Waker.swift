import CSDL2
import Synchronization

/// Wakes the window's thread from any other by an SDL event; many wakes before it looks count as one.
final class Waker: Sendable {
  private struct State {
    var isOpen = true
    var isPending = false
  }

  private let state = Mutex(State())
  /// The type of the event, SDL_RegisterEvents' number.
  let eventType: UInt32

  init() { eventType = SDL_RegisterEvents(1) }

  /// Sends the event unless one is under way. Inside the lock, so that none is sent once SDL is gone.
  func wake() {
    state.withLock { state in
      guard state.isOpen, !state.isPending else { return }
      var event = SDL_Event()
      event.type = eventType
      state.isPending = SDL_PushEvent(&event) == 1
    }
  }

  /// Says that the window looks now: the next wake sends an event again.
  func acknowledge() { state.withLock { $0.isPending = false } }

  /// No event is sent after this.
  func close() { state.withLock { $0.isOpen = false } }
}
