import CSDL2
import Glibc
import Synchronization
import Testing
import Viewer

extension GraphicsTests {
  /// The window of a replay, and that of a sender, with keys; on SDL's "dummy" display.
  struct ReplayWindowTests {
    /// Presses keys before the window's first turn. It runs on this thread until the user quits.
    private func press(_ keys: [SDL_KeyCode], _ feed: GalleryFeed, _ options: ViewerOptions) throws {
      setenv("SDL_VIDEODRIVER", "dummy", 1)
      defer { unsetenv("SDL_VIDEODRIVER") }
      let window = try GalleryWindow(feed: feed, options: options)
      for key in keys {
        var event = SDL_Event()
        event.type = SDL_KEYDOWN.rawValue
        event.key.keysym.sym = Int32(key.rawValue)
        SDL_PushEvent(&event)
      }
      #expect(try window.run() == .userQuit)
    }

    /// The first frame is the moment at 50 %; all keys are handled before the next one.
    @Test(arguments: [
      ([SDLK_END], 100), ([SDLK_END, SDLK_COMMA, SDLK_COMMA], 98), ([SDLK_HOME, SDLK_PERIOD], 1),
      ([SDLK_DOWN], 60), ([SDLK_UP], 50), ([SDLK_RIGHT], 53), ([SDLK_LEFT], 49), ([SDLK_PAGEDOWN], 61),
      ([SDLK_g, SDLK_m, SDLK_RETURN, SDLK_QUESTION, SDLK_ESCAPE], 51),
    ])
    func keysMoveThroughTheRun(keys: [SDL_KeyCode], stepCount: Int) throws {
      let last = Mutex(-1)
      var recording = ReplayPlayerTests.recording()
      let moment = recording.moment
      // Q comes with the frame to which the keys lead.
      recording.moment = { count in
        last.withLock { $0 = count }
        var event = SDL_Event()
        event.type = SDL_KEYDOWN.rawValue
        event.key.keysym.sym = Int32(SDLK_q.rawValue)
        if count == stepCount { SDL_PushEvent(&event) }
        return moment(count)
      }
      var options = ViewerOptions(hostName: "h", mode: .map)
      options.place = .fraction(0.5)
      try press(keys, GalleryFeed(recording: recording), options)
      #expect(last.withLock { $0 } == stepCount)
    }

    @Test func enterStartsASender() throws {
      let feed = GalleryFeed()
      feed.setBoard(ReceiverBoardTests.board(20))
      let counter = StartCounter()
      var options = ViewerOptions(hostName: "h")
      options.onStart = { counter.add() }
      try press([SDLK_RETURN, SDLK_DOWN, SDLK_END, SDLK_HOME, SDLK_q], feed, options)
      #expect(counter.count == 1)
    }
  }
}

private final class StartCounter: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock { $0 } }
  func add() { value.withLock { $0 += 1 } }
}
