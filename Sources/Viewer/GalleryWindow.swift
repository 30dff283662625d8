#if Viewer
import CSDL2

/// The window: the feed's images, as a grid, one by one, or as the map of their chunks.
///
/// Belongs to the thread that makes it, which must be the program's main thread. Other threads use the feed.
/// `KeyBindings` lists the keys.
package final class GalleryWindow {
  /// Why the show is over.
  package enum EndReason: Sendable, Equatable {
    /// A key, or the window's close button.
    case userQuit
    /// `ViewerOptions.closeWhenDone`: every image was shown, and no more will arrive.
    case closedWhenDone
    /// `GalleryFeed.requestClose`.
    case closeRequested
  }

  private let feed: GalleryFeed
  private let options: ViewerOptions
  private let display: DisplayWindow
  private let waker = Waker()
  private let presenter: Presenter
  private var hasUserQuit = false
  /// The last key was held so long that it repeated.
  private var isKeyHeld = false
  /// The mouse button that is held.
  private var press: Press?
  /// Between two looks at the waker, at most: while something is under way, and else.
  private static let (busyLookMilliseconds, lookMilliseconds): (UInt64, UInt64) = (4, 15)
  private var hasFeedChanged = true
  private var feedReadAt: UInt64 = 0

  /// Opens the window. Throws `.noDisplay` where there is no display.
  package init(feed: GalleryFeed, options: ViewerOptions) throws(ViewerError) {
    self.feed = feed
    self.options = options
    display = try DisplayWindow(
      title: "Gallery at host \(DisplayText.oneLine(options.hostName))",
      size: PixelSize(width: options.windowWidth, height: options.windowHeight),
      fullScreen: options.fullScreen)
    let waker = waker
    let feed = feed
    presenter = try Presenter(
      display: display, options: options,
      workers: DecodeWorkers(currentPath: { feed.currentPath(of: $0) }, resultReady: { waker.wake() }))
  }

  deinit { close() }

  /// Shows the feed until the user quits, the feed asks for it, or `closeWhenDone` is met. Blocks.
  package func run() throws(ViewerError) -> EndReason {
    let waker = waker
    feed.setWake { waker.wake() }
    defer { close() }
    while true {
      let now = MonotonicClock.now()
      readFeed(now: now)
      presenter.update(now: now)
      if let reason = endReason(now: now) { return reason }
      waitForEvents(now: now)
    }
  }

  private func close() {
    feed.setWake(nil)
    presenter.workers.stop()
  }

  private func endReason(now: UInt64) -> EndReason? {
    if hasUserQuit { return .userQuit }
    if presenter.snapshot.isCloseRequested { return .closeRequested }
    return options.closeWhenDone && presenter.isDone(now: now) ? .closedWhenDone : nil
  }

  private func readFeed(now: UInt64) {
    guard hasFeedChanged, now >= feedReadAt + feedInterval || feedReadAt == 0 else { return }
    hasFeedChanged = false
    feedReadAt = now
    presenter.take(feed.snapshot(), now: now)
    if let delay = sampleDelay { feed.askForSample(at: now + delay) }
  }

  /// When the window will look at the transfer again, in nanoseconds from now; nil: when the transfer tells
  /// it by itself, ten times a second. The map is drawn anew as often as it can be. In the grid an image is
  /// decoded at each look, so that little of it is left to be decoded when its last chunk comes.
  private var sampleDelay: UInt64? {
    switch presenter.mode {
    case .map: 0
    case .grid where presenter.snapshot.entries.count <= 4_096: 24_000_000
    default: nil
    }
  }

  /// The shortest time between two reads of the feed: 60 frames a second, and fewer where drawing one takes
  /// so long that the window would use more than a third of a processor, which the transfer needs. Copying
  /// 100,000 entries at each arrival of a small file would slow down the network's thread.
  private var feedInterval: UInt64 {
    max(presenter.snapshot.entries.count > 4_096 ? 30_000_000 : 16_000_000, 3 * presenter.drawNanoseconds)
  }

  /// Sleeps until an event or the next deadline, then handles all events there are.
  private func waitForEvents(now: UInt64) {
    var deadline = presenter.nextDeadline(now: now)
    if hasFeedChanged { deadline = min(deadline, feedReadAt + feedInterval) }
    let milliseconds =
      deadline > now ? min((deadline - now + 999_999) / 1_000_000, lookMilliseconds) : 0
    var event = SDL_Event()
    var hasEvent =
      milliseconds > 0 ? SDL_WaitEventTimeout(&event, Int32(milliseconds)) : SDL_PollEvent(&event)
    while hasEvent != 0 {
      handle(event)
      hasEvent = SDL_PollEvent(&event)
    }
    if waker.take() { hasFeedChanged = true }
  }

  private var lookMilliseconds: UInt64 {
    presenter.snapshot.isFinished && presenter.workers.isIdle
      ? Self.lookMilliseconds : Self.busyLookMilliseconds
  }

  private func handle(_ event: SDL_Event) {
    switch event.type {
    case SDL_QUIT.rawValue: hasUserQuit = true
    case SDL_KEYDOWN.rawValue:
      guard let key = WindowKey(event.key.keysym) else { return }
      guard let command = KeyBindings.command(of: key, isRepeated: event.key.repeat != 0) else { return }
      isKeyHeld = event.key.repeat != 0
      display.showCursor(false)
      if presenter.perform(command, now: MonotonicClock.now()) { hasUserQuit = true }
    case SDL_KEYUP.rawValue where isKeyHeld:
      isKeyHeld = false
      presenter.endLeafing()
    case SDL_MOUSEWHEEL.rawValue: presenter.turnWheel(Double(event.wheel.y))
    case SDL_MOUSEMOTION.rawValue: move(event.motion)
    case SDL_MOUSEBUTTONDOWN.rawValue where UInt32(event.button.button) == UInt32(SDL_BUTTON_LEFT):
      press = Press(at: display.pixel(x: event.button.x, y: event.button.y))
    case SDL_MOUSEBUTTONUP.rawValue where UInt32(event.button.button) == UInt32(SDL_BUTTON_LEFT):
      if let press, !press.isDrag {
        presenter.click(x: press.last.x, y: press.last.y, now: MonotonicClock.now())
      }
      press = nil
    case SDL_WINDOWEVENT.rawValue where event.window.event == UInt8(SDL_WINDOWEVENT_LEAVE.rawValue):
      presenter.leave()
    case SDL_WINDOWEVENT.rawValue, SDL_RENDER_TARGETS_RESET.rawValue: presenter.setNeedsDrawing()
    case SDL_RENDER_DEVICE_RESET.rawValue: presenter.dropPictures()
    default: break
    }
  }

  private func move(_ motion: SDL_MouseMotionEvent) {
    display.showCursor(true)
    let place = display.pixel(x: motion.x, y: motion.y)
    presenter.point(atX: place.x, y: place.y)
    guard let distance = press?.move(to: place) else { return }
    presenter.drag(x: distance.x, y: distance.y)
  }
}
#endif
