import Dispatch
import FoundationEssentials
import Glibc
import Ground
import Synchronization
import Trace
import Viewer

/// `view --trace`: replays one run, or two side by side.
struct TraceReplay {
  private let command: ViewCommand
  private let paths: [String]

  /// A trace of this size is read in about a second: a window that says so would only flicker.
  private static let quickByteCount: UInt64 = 8_000_000

  init(_ command: ViewCommand) {
    self.command = command
    paths = command.trace
  }

  func run() throws {
    if command.terminal { return printMap(try read()) }
    if let screenshot = command.screenshot {
      try Screenshot.write(
        feed: GalleryFeed(recording: read()), as: .map, at: command.at?.place, look: command.window.look,
        to: screenshot)
      return print("wrote \(screenshot)")
    }
    let byteCount = paths.reduce(0) { $0 + Self.byteCount($1) }
    guard byteCount > Self.quickByteCount else {
      return try show(GalleryFeed(recording: read()))
    }
    // The window is there at once, and says how far the reading is.
    let feed = GalleryFeed(waitingFor: "Reading \(names.joined(separator: " and "))…")
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue(label: "gallery.reading").async {
      do {
        feed.setRecording(
          try read { count in feed.setProgress(Double(count) / Double(max(1, byteCount))) })
      } catch {
        failure.withLock { $0 = error }
        feed.requestClose()
      }
    }
    try show(feed)
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private var names: [String] { paths.map(\.lastPathPart) }

  private static func byteCount(_ path: String) -> UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.size] as? UInt64 ?? 0
  }

  /// `progress` hears how many bytes were read of all traces together.
  private func read(_ progress: (UInt64) -> Void = { _ in }) throws -> Recording {
    let one = try Replay(path: paths[0], progress: progress)
    guard paths.count > 1 else { return Recording(one, name: names[0]) }
    let before = Self.byteCount(paths[0])
    let two = try Replay(path: paths[1]) { progress(before + $0) }
    return Recording(one, two, names: (names[0], names[1]))
  }

  private func show(_ feed: GalleryFeed) throws {
    SignalTrap.install { feed.requestClose() }
    DisplayLoss.watch { .noDisplay }
    defer { DisplayLoss.unwatch() }
    var options = try command.window.viewerOptions(usual: .map)
    options.place = command.at?.place
    _ = try GalleryWindow(feed: feed, options: options).run()
  }

  private func printMap(_ recording: Recording) {
    var player = ReplayPlayer(recording)
    player.seek(to: command.at?.place ?? .fraction(1))
    let moment = recording.moment(player.stepCount)
    let hasColor = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    let map = TerminalPicture.lines(
      of: moment.delivery, columns: TableWidth.columns, rows: ViewCommand.textRowCount, hasColor: hasColor)
    print(([recording.title] + map + [moment.line, player.placeText]).joined(separator: "\n"))
  }
}
