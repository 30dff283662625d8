/// How a show looks and ends.
package struct ViewerOptions: Sendable {
  /// This host's name, for the title `Image i at host H`.
  package var hostName: String
  /// How long each image stays; clamped to 0.02…86,400 s.
  package var secondsPerImage: Double
  package var fullScreen: Bool
  package var startPaused: Bool
  /// Ends the show after one whole round once the feed is finished.
  package var closeWhenDone: Bool
  /// Initial size of the window, in the display's units; clamped to 160…16,384.
  package var windowWidth: Int
  package var windowHeight: Int
  /// The slide show goes in a mixed order.
  package var isShuffled = false
  package var look = Look()
  /// What the window shows first.
  package var mode: WindowMode
  /// Where a replay begins; nil: at its beginning, and playing.
  package var place: ReplayPlayer.Place?
  /// Enter, in the window of a sender.
  package var onStart: (@Sendable () -> Void)?
  /// Hears of each frame, for measurements.
  package var onFrame: (@Sendable (FrameReport) -> Void)?
  /// Memory for decoded pictures, in bytes; clamped to 16 MB … 64 GB.
  package var cacheByteCount: Int

  package static let usualCacheByteCount = 256_000_000

  package init(
    hostName: String, secondsPerImage: Double = 1, fullScreen: Bool = false, startPaused: Bool = false,
    closeWhenDone: Bool = false, windowWidth: Int = 960, windowHeight: Int = 720,
    mode: WindowMode = .image, cacheByteCount: Int = usualCacheByteCount
  ) {
    self.hostName = hostName
    self.secondsPerImage = secondsPerImage
    self.fullScreen = fullScreen
    self.startPaused = startPaused
    self.closeWhenDone = closeWhenDone
    self.windowWidth = windowWidth
    self.windowHeight = windowHeight
    self.mode = mode
    self.cacheByteCount = min(max(cacheByteCount, 16_000_000), 64_000_000_000)
  }

  /// `secondsPerImage` within its range, in nanoseconds.
  var intervalNanoseconds: UInt64 {
    let seconds = secondsPerImage.isNaN ? 1 : min(max(secondsPerImage, 0.02), 86_400)
    return UInt64(seconds * 1e9)
  }
}
