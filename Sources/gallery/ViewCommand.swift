import ArgumentParser
import Figures
import FileSet
import Foundation
import Trace
package import Viewer

struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Shows images that are here.",
    discussion: """
      A folder's images appear as a grid, a single image alone. They come in the order people count: 2 before 10, and \
      files that appear in the folder later find their places by themselves. With --interval a slide show begins.

      \(KeyBindings.paragraph)

      With --trace it replays a run that gallery send, receive or show has recorded with --trace, as the map of its \
      chunks. \(KeyBindings.replayParagraph)

      Examples:
        gallery view inbox
        gallery view inbox --interval 3s --full-screen    # a slide show
        gallery view inbox --screenshot grid.png --as grid
        gallery view inbox --screenshot picture.png       # no display needed
        gallery view inbox --contact-sheet sheet.png
        gallery view inbox --terminal                     # as text, over ssh
        gallery view --trace run.qlog                     # replays a session
        gallery view --trace run.qlog --screenshot map.png --at 50%
      """)

  @Argument(help: ArgumentHelp("Folders and files to look at.", valueName: "folder"))
  var paths: [String] = []
  @OptionGroup var window: WindowOptions
  @Option(help: ArgumentHelp("Instead of images: replay a run from its trace.", valueName: "run.qlog"))
  var trace: String?
  @Option(
    help: ArgumentHelp(
      """
      With --trace: where the replay begins and stands still, or what --screenshot shows, as in 50% or 1.2s; \
      without it a screenshot shows the end.
      """,
      valueName: "50%"), transform: ReplayPlaceText.read)
  var at: ReplayPlaceText?
  @Flag(help: "Show any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @Flag(help: "Look into sub-folders too.")
  var recursive = false
  @Option(
    help: ArgumentHelp(
      "Instead of a window: write a picture of one image as the window would show it.", valueName: "file.png")
  )
  var screenshot: String?
  @Option(
    help: ArgumentHelp("Which image --screenshot shows, or selects in the grid, from 0.", valueName: "0"))
  var index: Int?
  @Option(help: ArgumentHelp("Instead of a window: write all images on one sheet.", valueName: "file.png"))
  var contactSheet: String?

  @Flag(
    help: "Instead of a window: print the images, or with --trace the map, as text, for a terminal over ssh.")
  var terminal = false

  func validate() throws {
    try window.check()
    try window.refuse(withoutWindow: terminal ? "--terminal" : nil)
    if terminal, screenshot != nil || contactSheet != nil || window.mode != nil && trace == nil {
      throw ValidationError(
        "--terminal prints each image as text: leave out --screenshot, --contact-sheet and --as")
    }
    if let trace { return try checkReplay(trace) }
    if at != nil { throw ValidationError("--at is for --trace: leave it out, or add --trace run.qlog") }
    guard !paths.isEmpty else {
      throw ValidationError("what to look at? Name a folder or files, or a run with --trace run.qlog")
    }
    if window.mode == .map {
      throw ValidationError(
        "--as map is of a transfer: gallery show --as map, or gallery view --trace run.qlog")
    }
    try window.refuse(
      withoutWindow: screenshot != nil ? "--screenshot" : contactSheet != nil ? "--contact-sheet" : nil)
    if index != nil, screenshot == nil, !terminal {
      throw ValidationError("--index is for --screenshot: leave it out, or add --screenshot FILE")
    }
  }

  /// A replay has no images.
  private func checkReplay(_ trace: String) throws {
    try window.refuse(withoutWindow: screenshot.map { _ in "--screenshot" })
    guard paths.isEmpty else {
      throw ValidationError("--trace replays a run, and shows no folder: leave one of the two out")
    }
    let given = [
      ("--all", all), ("--recursive", recursive), ("--index", index != nil),
      ("--contact-sheet", contactSheet != nil), ("--interval", window.interval != nil),
      ("--close", window.close), ("--cache", window.cache != nil),
      ("--as", window.mode != nil && window.mode != .map),
    ]
    for (name, isGiven) in given where isGiven {
      throw ValidationError("\(name) is for images, and --trace shows a map: leave it out")
    }
  }

  func run() throws {
    do {
      if let trace { return try replay(trace) }
      let options = ScanOptions(allFiles: all, recursive: recursive, verb: "shows")
      let set = try FileScanner.scan(paths, options: options)
      set.notices.forEach(Console(isQuiet: false).say)
      let items = FolderItems(set, paths: paths, options: options)
      if let screenshot {
        try Screenshot.write(
          feed: items.feed, as: window.mode ?? .image, index: index, to: screenshot)
        print("wrote \(screenshot)")
      }
      if let contactSheet {
        let shown = items.feed.snapshot().entries.map(\.item)
        try ContactSheet.write(
          items: shown, title: "\(shown.count) images in \(HumanText.paths(paths))", to: contactSheet)
        print("wrote \(contactSheet)")
      }
      if terminal { try printImages(items.feed.snapshot().entries.map(\.item)) }
      guard screenshot == nil, contactSheet == nil, !terminal else { return }
      try show(items)
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }

  private func show(_ items: FolderItems) throws {
    let feed = items.feed
    SignalTrap.install { feed.requestClose() }
    DisplayLoss.watch { .noDisplay }
    defer { DisplayLoss.unwatch() }
    let usual: WindowMode = window.wantsShow || feed.itemCount == 1 ? .image : .grid
    let view = try GalleryWindow(feed: feed, options: window.viewerOptions(usual: usual))
    let watch = FolderWatch()
    defer { watch?.stop() }
    if let watch {
      watch.add(items.folders)
      Thread {
        items.refresh()  // files that appeared between the scan and the watch
        while watch.wait() {
          items.refresh()
          watch.add(items.folders)
        }
      }.start()
    }
    _ = try view.run()
  }

  /// Each image below its name, at most as wide as the terminal.
  private func printImages(_ items: [GalleryItem]) throws {
    for (place, item) in items.enumerated() where index == nil || index == place {
      let lines = try TerminalPicture.lines(of: item, columns: TableWidth.columns, rows: Self.textRowCount)
      print(([DisplayText.oneLine(item.name)] + lines).joined(separator: "\n"))
    }
    if let index, !items.indices.contains(index) { throw ViewerError.noSuchImage(index: index) }
  }

  private func printMap(_ recording: Recording) {
    var player = ReplayPlayer(recording)
    player.seek(to: at?.place ?? .fraction(1))
    let moment = recording.moment(player.stepCount)
    let hasColor = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    let map = TerminalPicture.lines(
      of: moment.delivery, columns: TableWidth.columns, rows: Self.textRowCount, hasColor: hasColor)
    print(([recording.title] + map + [moment.line, player.placeText]).joined(separator: "\n"))
  }

  /// Lines of an image or a map, so that a terminal of 24 has room for them.
  private static let textRowCount = 20

  private func replay(_ path: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let recording = Recording(try Replay(path: path), name: name)
    if terminal { return printMap(recording) }
    let feed = GalleryFeed(recording: recording)
    if let screenshot {
      try Screenshot.write(feed: feed, as: .map, at: at?.place, to: screenshot)
      return print("wrote \(screenshot)")
    }
    SignalTrap.install { feed.requestClose() }
    DisplayLoss.watch { .noDisplay }
    defer { DisplayLoss.unwatch() }
    var options = window.viewerOptions(usual: .map)
    options.place = at?.place
    _ = try GalleryWindow(feed: feed, options: options).run()
  }
}

/// A moment of a run on the command line: `50%`, or a time since its start as in `1.2s`.
package struct ReplayPlaceText: Sendable {
  package let place: ReplayPlayer.Place

  /// For `@Option(transform:)`.
  package static func read(_ text: String) throws -> ReplayPlaceText {
    guard text.hasSuffix("%") else { return Self(place: .seconds(try TimeText.read(text).seconds)) }
    guard let percent = Double(text.dropLast()), (0...100).contains(percent) else {
      throw ValidationError("0% to 100%, or a time as in 1.2s")
    }
    return Self(place: .fraction(percent / 100))
  }
}
