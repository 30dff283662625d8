import ArgumentParser
import Impairment
import Viewer

/// What `show` and `view` have in common.
struct WindowOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How long each image is shown.", valueName: "1s"), transform: TimeText.read)
  var interval: TimeText?
  @Flag(help: "Fill the screen.")
  var fullScreen = false
  @Flag(help: "Show the images in a mixed order.")
  var shuffle = false
  @Option(help: ArgumentHelp("Colours: \(Theme.names).", valueName: "dark"))
  var theme: Theme?
  @Option(
    help: ArgumentHelp("The size of texts beside the usual one, 50% to 300%.", valueName: "100%"),
    transform: TextSize.read)
  var textSize: TextSize?
  @Flag(help: "Close when everything has been shown once.")
  var close = false

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "What to show first, also in a --screenshot: \(WindowMode.names).", valueName: "grid"))
  var mode: WindowMode?
  @Option(
    help: ArgumentHelp("Memory for decoded pictures.", valueName: "256MB"), transform: CacheText.read)
  var cache: CacheText?

  @Option(
    help: ArgumentHelp(
      "Write when each frame was drawn, for measurements; Specs/performance.md.", valueName: "frames.csv",
      visibility: .hidden))
  var frameLog: String?

  /// `usual`: what is shown first if nobody says.
  func viewerOptions(usual: WindowMode) throws -> ViewerOptions {
    var options = ViewerOptions(
      hostName: hostName, secondsPerImage: interval?.seconds ?? 1, fullScreen: fullScreen,
      closeWhenDone: close, mode: mode ?? usual,
      cacheByteCount: cache?.byteCount ?? ViewerOptions.usualCacheByteCount)
    options.isShuffled = shuffle
    options.look = look
    if let frameLog { options.onFrame = try FrameLog(path: frameLog).add }
    return options
  }

  var look: Look { Look(theme: theme ?? .dark, textPercent: textSize?.percent ?? 100) }

  /// Whether the user asks for a slide show.
  var wantsShow: Bool { interval != nil || close || shuffle }

  /// Throws for options that contradict each other.
  func check() throws {
    guard let mode, mode != .image else { return }
    let given = [("--interval", interval != nil), ("--close", close), ("--shuffle", shuffle)]
    for (name, isGiven) in given where isGiven {
      throw ValidationError(
        "\(name) is for a slide show, and --as \(mode.rawValue) shows none: leave one out")
    }
  }

  /// Throws for an option of the window when another option says that there is none.
  /// `isText`: that option prints text, which has no colours of a theme and no size.
  func refuse(withoutWindow other: String?, isText: Bool = false) throws {
    guard let other else { return }
    let given = [
      ("--interval", interval != nil), ("--full-screen", fullScreen), ("--close", close),
      ("--cache", cache != nil), ("--shuffle", shuffle), ("--frame-log", frameLog != nil),
      ("--theme", isText && theme != nil), ("--text-size", isText && textSize != nil),
    ]
    for (name, isGiven) in given where isGiven {
      throw ValidationError("\(name) is for the window, and \(other) opens none: leave one of the two out")
    }
  }
}

extension WindowMode: ExpressibleByArgument {
  static let names = allCases.map(\.rawValue).joined(separator: ", ")
}

extension Theme: ExpressibleByArgument {
  static let names = allCases.map(\.rawValue).joined(separator: ", ")
}

/// The size of texts on the command line: `150%`.
struct TextSize: Sendable {
  let percent: Int

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> TextSize {
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let percent = Int(digits), (50...300).contains(percent) else {
      throw ValidationError("50% to 300%, as in 150%")
    }
    return TextSize(percent: percent)
  }
}

/// The memory for pictures on the command line: `256MB`, `1GB`; at least 16 MB.
struct CacheText: Sendable {
  let byteCount: Int

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> CacheText {
    let byteCount = try Quantity.bytes(text)
    guard (16_000_000...64_000_000_000).contains(byteCount) else {
      throw ValidationError("16MB to 64GB, as in 256MB")
    }
    return CacheText(byteCount: Int(byteCount))
  }
}
