#if Viewer
import CSDL2
import Glibc

/// An SDL window with its renderer; closing is its end.
final class DisplayWindow {
  let canvas: Canvas
  private let window: OpaquePointer
  private var isFullScreen: Bool

  /// Opens the window. Throws `.noDisplay` when there is no display, `.missingLibrary` without SDL.
  init(title: String, size: PixelSize, fullScreen: Bool) throws(ViewerError) {
    try ViewerLibraries.load()
    // The program itself handles Ctrl-C, because it must tell the other side. SDL would make it a quit event.
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1")
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0")
    SDL_SetHint(SDL_HINT_VIDEODRIVER, Self.drivers)  // the environment's SDL_VIDEODRIVER counts for more
    guard SDL_InitSubSystem(SDL_INIT_VIDEO) == 0 else {
      throw .noDisplay(
        reason: Self.hasDisplayName ? Self.lastError : "neither DISPLAY nor WAYLAND_DISPLAY is set")
    }
    do {
      window = try Self.openWindow(title: title, size: size, fullScreen: fullScreen)
    } catch {
      SDL_QuitSubSystem(SDL_INIT_VIDEO)
      throw error
    }
    let renderer =
      SDL_CreateRenderer(window, -1, 0)
      ?? SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE.rawValue)
    guard let renderer else {
      let reason = Self.lastError
      SDL_DestroyWindow(window)
      SDL_QuitSubSystem(SDL_INIT_VIDEO)
      throw .graphicsFailed(action: "draw in a window", reason: reason)
    }
    canvas = Canvas(renderer: renderer, font: Font())
    isFullScreen = fullScreen
    SDL_ShowWindow(window)
    SDL_StopTextInput()  // keys are commands here: no input method
    SDL_ShowCursor(fullScreen ? SDL_DISABLE : SDL_ENABLE)
  }

  deinit {
    SDL_DestroyRenderer(canvas.renderer)
    SDL_DestroyWindow(window)
    SDL_QuitSubSystem(SDL_INIT_VIDEO)
  }

  func setTitle(_ title: String) { SDL_SetWindowTitle(window, title) }

  func toggleFullScreen() {
    let flags = isFullScreen ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP.rawValue
    guard SDL_SetWindowFullscreen(window, flags) == 0 else { return }
    isFullScreen.toggle()
    SDL_ShowCursor(isFullScreen ? SDL_DISABLE : SDL_ENABLE)
  }

  /// Full screen hides the pointer until the mouse moves.
  func showCursor(_ isShown: Bool) { SDL_ShowCursor(isShown || !isFullScreen ? SDL_ENABLE : SDL_DISABLE) }

  /// The pixel at a place that SDL reports in the window's own units.
  func pixel(x: Int32, y: Int32) -> (x: Int, y: Int) {
    var (width, height): (Int32, Int32) = (0, 0)
    SDL_GetWindowSize(window, &width, &height)
    let size = canvas.size
    guard width > 0, height > 0 else { return (Int(x), Int(y)) }
    return (Int(x) * size.width / Int(width), Int(y) * size.height / Int(height))
  }

  func present() { SDL_RenderPresent(canvas.renderer) }

  /// The window is hidden at first: a renderer of OpenGL makes SDL open another in its place, and a person
  /// would see two.
  private static func openWindow(
    title: String, size: PixelSize, fullScreen: Bool
  ) throws(ViewerError) -> OpaquePointer {
    let flags =
      SDL_WINDOW_RESIZABLE.rawValue | SDL_WINDOW_ALLOW_HIGHDPI.rawValue | SDL_WINDOW_HIDDEN.rawValue
      | (fullScreen ? SDL_WINDOW_FULLSCREEN_DESKTOP.rawValue : 0)
    let centered = Int32(SDL_WINDOWPOS_CENTERED_MASK)
    let side = 160...16_384
    guard
      let window = SDL_CreateWindow(
        title, centered, centered, Int32(min(max(size.width, side.lowerBound), side.upperBound)),
        Int32(min(max(size.height, side.lowerBound), side.upperBound)), flags)
    else { throw .graphicsFailed(action: "open a window", reason: lastError) }
    return window
  }

  /// SDL's drivers for displays that a person can see, in SDL's order. By default SDL's list ends with an
  /// invisible one ("offscreen"), and libwayland prints an error where there is no Wayland.
  private static var drivers: String {
    let named = [("DISPLAY", "x11"), ("WAYLAND_DISPLAY", "wayland")].filter { isSet($0.0) }
    return (named.map(\.1) + ["KMSDRM"]).joined(separator: ",")
  }

  private static var hasDisplayName: Bool { isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") }

  private static func isSet(_ variable: String) -> Bool { getenv(variable).map { $0.pointee != 0 } ?? false }

  private static var lastError: String { String(cString: SDL_GetError()) }
}
#endif
