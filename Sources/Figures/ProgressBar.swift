/// A bar on a terminal: `[██████····]`.
package enum ProgressBar {
  /// The bar has `width` places between its brackets, and the first `filled` of them are full.
  package static func text(filled: Int, width: Int) -> String {
    let filled = min(width, max(0, filled))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: width - filled) + "]"
  }
}
