/// A key that means something to the window, whatever library reports it.
package enum WindowKey: Sendable, Hashable, CaseIterable {
  case left, right, up, down, pageUp, pageDown, home, end
  case enter, escape, space
  case plus, minus, zero, one
  case controlPlus, controlMinus
  case comma, period
  case d, f, g, m, q, r, s, t
  case question
}
