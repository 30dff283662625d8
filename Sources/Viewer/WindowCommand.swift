import CSDL2

/// What a key, or the window manager, asks the window to do.
enum WindowCommand: Equatable {
  case togglePause, forward, back, toggleFullScreen, quit

  /// The command of a key press; nil for other keys, and for repeated presses of a held key where repeating
  /// makes no sense.
  init?(key: SDL_KeyboardEvent) {
    let isRepeat = key.repeat != 0
    switch UInt32(bitPattern: key.keysym.sym) {
    case SDLK_RIGHT.rawValue: self = .forward
    case SDLK_LEFT.rawValue: self = .back
    case SDLK_SPACE.rawValue where !isRepeat: self = .togglePause
    case SDLK_f.rawValue where !isRepeat: self = .toggleFullScreen
    case SDLK_q.rawValue, SDLK_ESCAPE.rawValue: self = .quit
    default: return nil
    }
  }
}
