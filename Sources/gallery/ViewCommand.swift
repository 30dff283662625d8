import ArgumentParser
import Dispatch
import Figures
import FileSet
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
      chunks; with two traces both, side by side, and their first difference. \(KeyBindings.replayParagraph)

      Examples:
        gallery view inbox
        gallery view inbox --interval 3s --full-screen    # a slide show
        gallery view inbox --screenshot grid.png --as grid
        gallery view inbox --screenshot picture.png       # no display needed
        gallery view inbox --contact-sheet sheet.png
        gallery view inbox --terminal                     # as text, over ssh
        gallery view --trace run.qlog                     # replays a session
        gallery view --trace first.qlog second.qlog       # two sessions side by side
        gallery view --trace run.qlog --screenshot map.png --at 50%
      """)

  @Argument(help: ArgumentHelp("Folders and files to look at.", valueName: "folder"))
  var paths: [String] = []
  @OptionGroup var window: WindowOptions
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Instead of images: replay a run from its trace, or two runs side by side.", valueName: "run.qlog"))
  var trace: [String] = []
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
    try window.refuse(withoutWindow: terminal ? "--terminal" : nil, isText: true)
    if terminal, screenshot != nil || contactSheet != nil || window.mode != nil && trace.isEmpty {
      throw ValidationError(
        "--terminal prints each image as text: leave out --screenshot, --contact-sheet and --as")
    }
    guard trace.isEmpty else { return try checkReplay() }
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
  private func checkReplay() throws {
    guard trace.count <= 2 else {
      throw ValidationError("--trace replays one run, or two side by side: leave out \(trace[2])")
    }
    guard trace.count == 1 || !terminal else {
      throw ValidationError("--terminal prints the map of one run: leave out \(trace[1])")
    }
    try window.refuse(withoutWindow: screenshot.map { _ in "--screenshot" })
    guard paths.isEmpty else {
      throw ValidationError("--trace replays a run, and shows no folder: leave one of the two out")
    }
    let given = [
      ("--all", all), ("--recursive", recursive), ("--index", index != nil),
      ("--contact-sheet", contactSheet != nil), ("--interval", window.interval != nil),
      ("--close", window.close), ("--cache", window.cache != nil),
      ("--shuffle", window.shuffle),
      ("--as", window.mode != nil && window.mode != .map),
    ]
    for (name, isGiven) in given where isGiven {
      throw ValidationError("\(name) is for images, and --trace shows a map: leave it out")
    }
  }

  func run() throws {
    do {
      guard trace.isEmpty else { return try TraceReplay(self).run() }
      let options = ScanOptions(allFiles: all, recursive: recursive, verb: "shows")
      let set = try FileScanner.scan(paths, options: options)
      set.notices.forEach(Console(isQuiet: false).say)
      let items = FolderItems(set, paths: paths, options: options)
      if let screenshot {
        try Screenshot.write(
          feed: items.feed, as: window.mode ?? .image, index: index, look: window.look, to: screenshot)
        print("wrote \(screenshot)")
      }
      if let contactSheet {
        let shown = items.feed.snapshot().entries.map(\.item)
        try ContactSheet.write(
          items: shown,
          title: "\(HumanText.count(shown.count, "image", "images")) in \(HumanText.paths(paths))",
          to: contactSheet)
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
      DispatchQueue(label: "gallery.folder").async {
        items.refresh()  // files that appeared between the scan and the watch
        while watch.wait() {
          items.refresh()
          watch.add(items.folders)
        }
      }
    }
    _ = try view.run()
  }

  /// Each image below its name, at most as wide as the terminal.
  private func printImages(_ items: [GalleryItem]) throws {
    let screen = TerminalScreen()
    for (place, item) in items.enumerated() where index == nil || index == place {
      let picture = try screen.picture(of: item, columns: TableWidth.columns, rows: Self.textRowCount)
      print(DisplayText.oneLine(item.name))
      print(picture.text.replacing("\r\n", with: "\n"))
      // kitty leaves the cursor where the picture begins.
      if screen.graphics == .kitty { print("\u{1B}[\(picture.rowCount)B") }
    }
    if let index, !items.indices.contains(index) { throw ViewerError.noSuchImage(index: index) }
  }

  /// Lines of an image or a map, so that a terminal of 24 has room for them.
  static let textRowCount = 20
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
