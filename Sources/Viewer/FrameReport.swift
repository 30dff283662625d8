/// A frame that a window has drawn, for measurements.
package struct FrameReport: Sendable {
  /// `CLOCK_MONOTONIC`.
  package var startNanoseconds: UInt64
  /// Until the display had it.
  package var drawNanoseconds: UInt64
  /// The image on show; nil in the grid, the map and while there is none.
  package var name: String?
  /// It is drawn from its sharp picture, and not from the blurry one.
  package var isSharp: Bool
  /// Whole images whose thumbnails this frame shows for the first time, and how many nanoseconds after they
  /// joined the feed.
  package var newThumbnails: [(name: String, nanoseconds: UInt64)]
}
