#if Viewer
import CSDL2

extension WindowKey {
  /// The key that SDL reports; nil for keys without a meaning.
  init?(_ key: SDL_Keysym) {
    let isShifted = UInt32(key.mod) & (KMOD_LSHIFT.rawValue | KMOD_RSHIFT.rawValue) != 0
    let isControl = UInt32(key.mod) & (KMOD_LCTRL.rawValue | KMOD_RCTRL.rawValue) != 0
    switch UInt32(bitPattern: key.sym) {
    case SDLK_PLUS.rawValue where isControl, SDLK_EQUALS.rawValue where isControl,
      SDLK_KP_PLUS.rawValue where isControl:
      self = .controlPlus
    case SDLK_MINUS.rawValue where isControl, SDLK_KP_MINUS.rawValue where isControl: self = .controlMinus
    case SDLK_LEFT.rawValue: self = .left
    case SDLK_RIGHT.rawValue: self = .right
    case SDLK_UP.rawValue: self = .up
    case SDLK_DOWN.rawValue: self = .down
    case SDLK_PAGEUP.rawValue: self = .pageUp
    case SDLK_PAGEDOWN.rawValue: self = .pageDown
    case SDLK_HOME.rawValue: self = .home
    case SDLK_END.rawValue: self = .end
    case SDLK_RETURN.rawValue, SDLK_KP_ENTER.rawValue: self = .enter
    case SDLK_ESCAPE.rawValue: self = .escape
    case SDLK_SPACE.rawValue: self = .space
    case SDLK_PLUS.rawValue, SDLK_EQUALS.rawValue, SDLK_KP_PLUS.rawValue: self = .plus
    case SDLK_MINUS.rawValue, SDLK_KP_MINUS.rawValue: self = .minus
    case SDLK_0.rawValue, SDLK_KP_0.rawValue: self = .zero
    case SDLK_1.rawValue, SDLK_KP_1.rawValue: self = .one
    case SDLK_d.rawValue: self = .d
    case SDLK_f.rawValue: self = .f
    case SDLK_g.rawValue: self = .g
    case SDLK_m.rawValue: self = .m
    case SDLK_q.rawValue: self = .q
    case SDLK_r.rawValue: self = .r
    case SDLK_s.rawValue: self = .s
    case SDLK_t.rawValue: self = .t
    case SDLK_COMMA.rawValue: self = .comma
    case SDLK_PERIOD.rawValue: self = .period
    case SDLK_QUESTION.rawValue, SDLK_h.rawValue, SDLK_F1.rawValue: self = .question
    // The key's own character comes here, and not the shifted one: a question mark is above the slash on an
    // American keyboard, and above the sharp s on a German one.
    case SDLK_SLASH.rawValue where isShifted, 0xDF where isShifted: self = .question
    default: return nil
    }
  }
}
#endif
