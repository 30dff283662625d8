/// Why a window or a picture file could not be made. Each case has a description of one line: what, where,
/// what to do.
///
/// A file that cannot be decoded is not an error of the viewer. It appears as a plate.
package enum ViewerError: Error, Equatable, CustomStringConvertible {
  /// SDL found no display to open a window on; `reason` is SDL's own text.
  case noDisplay(reason: String)
  /// A library of the window is not on this host; the text says which, and how to install it.
  case missingLibrary(String)
  /// SDL refused `action` (a window, a renderer, a surface) with `reason`.
  case graphicsFailed(action: String, reason: String)
  /// The picture file at `path` could not be written.
  case cannotWrite(path: String, reason: String)
  /// A requested picture size outside 1…16,384 pixels a side, or above 64 megapixels.
  case sizeOutOfRange(width: Int, height: Int)
  /// There is no item with this index.
  case noSuchImage(index: Int)
  /// Nothing to draw a contact sheet from.
  case noImages

  package var description: String {
    switch self {
    case .noDisplay(let reason):
      "no display to open a window on (\(reason)): use --screenshot FILE, or run under xvfb-run"
    case .missingLibrary(let text): text
    case .graphicsFailed(let action, let reason):
      "SDL cannot \(action): \(reason)"
    case .cannotWrite(let path, let reason):
      "cannot write \(DisplayText.oneLine(path)): \(reason); choose another path"
    case .sizeOutOfRange(let width, let height):
      "a picture of \(width)x\(height) pixels cannot be drawn: choose 1 to 16384 pixels a side, at most 64 megapixels"
    case .noSuchImage(let index):
      "there is no image \(index): indices count from 0"
    case .noImages:
      "there are no images for a contact sheet"
    }
  }
}
