import CSDL2
import Glibc
import Synchronization
import Testing
import Viewer

/// Runs a show on a thread of its own, so that the test can press keys meanwhile.
private final class ShowRun: Sendable {
  private let outcome = Mutex<Result<GalleryWindow.EndReason, ViewerError>?>(nil)
  private let feed: GalleryFeed
  private let options: ViewerOptions

  init(_ feed: GalleryFeed, _ options: ViewerOptions) {
    self.feed = feed
    self.options = options
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<ShowRun>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    #expect(status == 0)
    pthread_detach(thread)
  }

  private func run() {
    let result: Result<GalleryWindow.EndReason, ViewerError>
    do throws(ViewerError) {
      result = .success(try GalleryWindow(feed: feed, options: options).run())
    } catch { result = .failure(error) }
    outcome.withLock { $0 = result }
  }

  /// How the show ended, waited for at most `seconds`.
  func result(seconds: Int = 120) -> Result<GalleryWindow.EndReason, ViewerError>? {
    for _ in 0..<(seconds * 100) {
      if let result = outcome.withLock({ $0 }) { return result }
      usleep(10_000)
    }
    return nil
  }
}

extension GraphicsTests {
  struct GalleryWindowTests {
    private func items(_ directory: TestDirectory, count: Int) throws -> [GalleryItem] {
      try (0..<count).map {
        try directory.item($0, "\($0).jpg", TestJPEG.make(width: 1600, height: 1200))
      }
    }

    /// SDL's own "dummy" display: the whole window but no pixels on glass.
    private func withDummyDisplay(_ body: () throws -> Void) throws {
      setenv("SDL_VIDEODRIVER", "dummy", 1)
      defer { unsetenv("SDL_VIDEODRIVER") }
      try body()
    }

    @Test func closesAfterOneRound() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed(items: try items(directory, count: 3))
      try withDummyDisplay { () throws in
        let clock = ContinuousClock()
        let duration = try clock.measure { () throws in
          let options = ViewerOptions(hostName: "h", secondsPerImage: 0.1, closeWhenDone: true)
          let reason = try GalleryWindow(feed: feed, options: options).run()
          #expect(reason == .closedWhenDone)
        }
        #expect(duration >= .milliseconds(300), "each of three images stays for 0.1 s")
      }
    }

    @Test func closesWhenNothingArrived() throws {
      try withDummyDisplay { () throws in
        let options = ViewerOptions(hostName: "h", secondsPerImage: 0.05, closeWhenDone: true)
        let reason = try GalleryWindow(feed: GalleryFeed(items: []), options: options).run()
        #expect(reason == .closedWhenDone)
      }
    }

    @Test func anotherThreadMayCloseIt() throws {
      try withDummyDisplay { () throws in
        let feed = GalleryFeed()
        let show = ShowRun(feed, ViewerOptions(hostName: "h"))
        usleep(100_000)
        #expect(show.result(seconds: 0) == nil)
        feed.requestClose()
        #expect(show.result() == .success(.closeRequested))
      }
    }

    @Test func withoutADisplaySaysWhatToDo() {
      setenv("SDL_VIDEODRIVER", "x11", 1)
      defer { unsetenv("SDL_VIDEODRIVER") }
      let display = getenv("DISPLAY").map { String(cString: $0) }
      setenv("DISPLAY", ":59999", 1)
      defer { if let display { setenv("DISPLAY", display, 1) } else { unsetenv("DISPLAY") } }
      let error = #expect(throws: ViewerError.self) {
        try GalleryWindow(feed: GalleryFeed(), options: ViewerOptions(hostName: "h"))
      }
      #expect("\(error as Any)".contains("use --screenshot FILE, or run under xvfb-run"))
    }

    /// Real keys on a real X server.
    @Test func keysSteerTheShow() throws {
      guard let display = VirtualDisplay() else {
        #expect(getenv("CI") == nil, "CI must have Xvfb and xdotool")
        return print("skipped: Xvfb or xdotool is not installed (apt install xvfb xdotool)")
      }
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      let show = ShowRun(
        feed, ViewerOptions(hostName: "h", secondsPerImage: 0.5, windowWidth: 640, windowHeight: 480))
      let window = try #require(display.window(named: "at host h"))
      display.xdotool("windowfocus", "--sync", window)
      func title() -> String? { display.xdotool("getwindowname", window) }
      func becomes(_ expected: String) -> Bool {
        (0..<12_000).contains { _ in
          if title() == expected { return true }
          usleep(10_000)
          return false
        }
      }
      #expect(becomes("Waiting for images at host h"))

      for item in try items(directory, count: 4) { feed.add(item) }
      #expect(becomes("Image 0 at host h"))
      #expect(becomes("Image 1 at host h"), "goes on by itself")
      if let path = getenv("GALLERY_TEST_WINDOW_PICTURE") {
        // For looking at by hand: the whole display as a PNG, by ImageMagick.
        ChildProcess(["import", "-window", "root", String(cString: path)])?.wait()
      }

      display.xdotool("key", "space")
      var paused = ""
      let standsStill = (0..<50).contains { _ in  // from some moment on
        paused = title() ?? ""
        usleep(1_200_000)
        return title() == paused
      }
      #expect(standsStill, "a paused show")
      display.xdotool("key", "--delay", "50", "Left", "Left", "Left", "Left")
      #expect(becomes(paused), "four images: four steps back lead round to the same")
      display.xdotool("key", "Right")
      let steps = (0..<12_000).contains { _ in
        usleep(10_000)
        return title() != paused
      }
      #expect(steps, "forward, though the show is paused")

      #expect(show.result(seconds: 0) == nil)
      display.xdotool("key", "q")
      #expect(show.result() == .success(.userQuit))
    }

    /// The grid, an image out of it, zoomed, and back, by keys and by the mouse.
    @Test func theGridOpensImages() throws {
      guard let display = VirtualDisplay() else {
        #expect(getenv("CI") == nil, "CI must have Xvfb and xdotool")
        return print("skipped: Xvfb or xdotool is not installed (apt install xvfb xdotool)")
      }
      let directory = try TestDirectory()
      let feed = GalleryFeed(
        items: try (0..<6).map {
          try directory.item($0, "\($0).jpg", TestJPEG.make(width: 640, height: 480))
        })
      let show = ShowRun(
        feed, ViewerOptions(hostName: "h", windowWidth: 640, windowHeight: 480, mode: .grid))
      let window = try #require(display.window(named: "6 images at host h"))
      display.xdotool("windowfocus", "--sync", window)
      func becomes(_ expected: String) -> Bool {
        (0..<12_000).contains { _ in
          if display.xdotool("getwindowname", window) == expected { return true }
          usleep(10_000)
          return false
        }
      }
      display.xdotool("key", "Right", "Down", "Return")
      #expect(becomes("Image 5 at host h"), "four columns: from the second down to the last of all")
      display.xdotool("key", "plus", "plus", "Right", "question", "question", "Prior")
      #expect(becomes("Image 4 at host h"), "an arrow moves a zoomed image, and Page Up goes back")
      display.xdotool("key", "Home")
      #expect(becomes("Image 0 at host h"))
      display.xdotool("key", "Escape")
      #expect(becomes("6 images at host h"))
      // The middle of the third thumbnail.
      let layout = GridLayout(count: 6, area: PixelSize(width: 640, height: 454), textHeight: 13)
      let frame = layout.frame(of: 2)
      display.xdotool(
        "mousemove", "--window", window, "\(frame.x + frame.size.width / 2)", "\(26 + frame.y + 20)", "click",
        "1")
      #expect(becomes("Image 2 at host h"))
      display.xdotool("click", "4", "key", "g")
      #expect(becomes("6 images at host h"))
      display.xdotool("key", "Escape")
      #expect(show.result() == .success(.userQuit), "Esc in the grid that the window began with")
    }

    /// As on a desktop: a window manager gives the window the whole screen, and takes it back.
    @Test func fullScreenUnderAWindowManager() throws {
      guard let display = VirtualDisplay(isManaged: true) else {
        #expect(getenv("CI") == nil, "CI must have Xvfb, xdotool and openbox")
        return print("skipped: Xvfb, xdotool or openbox is not installed (apt install xvfb xdotool openbox)")
      }
      let directory = try TestDirectory()
      let feed = GalleryFeed(items: try items(directory, count: 2))
      let show = ShowRun(
        feed, ViewerOptions(hostName: "h", secondsPerImage: 600, windowWidth: 640, windowHeight: 480))
      let window = try #require(display.window(named: "at host h"))
      display.xdotool("windowactivate", "--sync", window)
      func becomes(_ expected: String, _ what: () -> String?) -> Bool {
        (0..<12_000).contains { _ in
          if what() == expected { return true }
          usleep(10_000)
          return false
        }
      }
      /// "width x height" of the window.
      func size() -> String? {
        let process = ChildProcess([
          "sh", "-c", "xdotool getwindowgeometry \(window) | tail -n 1 | tr -dc 0-9x",
        ])
        defer { process?.terminate() }
        return process?.line()
      }
      #expect(becomes("640x480", size))
      display.xdotool("key", "f")
      #expect(becomes("1280x1024", size))
      display.xdotool("key", "Right")
      #expect(becomes("Image 1 at host h") { display.xdotool("getwindowname", window) })
      display.xdotool("key", "f")
      #expect(becomes("640x480", size))
      display.xdotool("key", "f")
      #expect(becomes("1280x1024", size))
      display.xdotool("key", "Escape")
      #expect(show.result() == .success(.userQuit))
    }

    /// Full screen has no title: what stands still and why must be seen in the picture.
    @Test func aPausedShowSaysSo() throws {
      guard let display = VirtualDisplay(), ChildProcess.find("import") != nil else {
        #expect(getenv("CI") == nil, "CI must have Xvfb, xdotool and ImageMagick")
        return print("skipped: Xvfb, xdotool or ImageMagick is not installed")
      }
      let directory = try TestDirectory()
      let feed = GalleryFeed(items: try items(directory, count: 1))
      let show = ShowRun(
        feed, ViewerOptions(hostName: "h", secondsPerImage: 600, windowWidth: 640, windowHeight: 480))
      defer {
        feed.requestClose()
        #expect(show.result() == .success(.closeRequested))
      }
      let window = try #require(display.window(named: "Image 0 at host h"))
      display.xdotool("windowfocus", "--sync", window)
      usleep(500_000)
      let running = try #require(display.digest())
      func becomes(_ isRunning: Bool) -> Bool {
        (0..<1_200).contains { _ in
          usleep(100_000)
          return (display.digest() == running) == isRunning
        }
      }
      display.xdotool("key", "space")
      #expect(becomes(false))
      display.xdotool("key", "space")
      #expect(becomes(true))
    }

    /// On SDL's dummy display: a bare Xvfb has no window manager to enlarge a window.
    @Test func fullScreenGoesOnAndOff() throws {
      try withDummyDisplay { () throws in
        let feed = GalleryFeed()
        let show = ShowRun(feed, ViewerOptions(hostName: "h"))
        defer {
          feed.requestClose()
          #expect(show.result() == .success(.closeRequested))
        }
        func becomes(full: Bool) -> Bool {
          (0..<12_000).contains { _ in
            usleep(10_000)
            guard let window = (1...200).lazy.compactMap({ SDL_GetWindowFromID($0) }).first else {
              return false
            }
            return (SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN.rawValue != 0) == full
          }
        }
        #expect(becomes(full: false))
        for full in [true, false] {
          var event = SDL_Event()
          event.type = SDL_KEYDOWN.rawValue
          event.key.keysym.sym = Int32(SDLK_f.rawValue)
          SDL_PushEvent(&event)
          #expect(becomes(full: full))
        }
      }
    }
  }
}
