import ArgumentParser
import Figures
import FileSet
import Viewer

struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Shows images that are here.",
    discussion: """
      The images come in the order people count: 2 before 10. Keys: space pauses, right and left go forward and back, \
      f toggles full screen, q or Esc quits.

      Examples:
        gallery view inbox
        gallery view inbox --screenshot picture.png       # no display needed
        gallery view inbox --contact-sheet sheet.png
      """)

  @Argument(help: ArgumentHelp("Folders and files to look at.", valueName: "folder"))
  var paths: [String]
  @OptionGroup var window: WindowOptions
  @Flag(help: "Show any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @Flag(help: "Look into sub-folders too.")
  var recursive = false
  @Option(
    help: ArgumentHelp(
      "Instead of a window: write a picture of one image as the window would show it.", valueName: "file.png")
  )
  var screenshot: String?
  @Option(help: ArgumentHelp("Which image --screenshot shows, from 0.", valueName: "0"))
  var index: Int?
  @Option(help: ArgumentHelp("Instead of a window: write all images on one sheet.", valueName: "file.png"))
  var contactSheet: String?

  func validate() throws {
    try window.refuse(
      withoutWindow: screenshot != nil ? "--screenshot" : contactSheet != nil ? "--contact-sheet" : nil)
    if index != nil, screenshot == nil {
      throw ValidationError("--index is for --screenshot: leave it out, or add --screenshot FILE")
    }
  }

  func run() throws {
    do {
      let set = try FileScanner.scan(
        paths, options: ScanOptions(allFiles: all, recursive: recursive, verb: "shows"))
      set.notices.forEach(Console(isQuiet: false).say)
      let files = set.manifest.entries.indices.map {
        (name: set.manifest.entries[$0].name, path: set.path(ofFile: $0))
      }
      .sorted { NaturalOrder.isAscending($0.name, $1.name) }
      let items = files.enumerated().map { index, file in
        GalleryItem(index: index, name: file.name.printable, path: file.path)
      }
      if let screenshot {
        try Screenshot.write(items: items, index: index, to: screenshot)
        print("wrote \(screenshot)")
      }
      if let contactSheet {
        try ContactSheet.write(
          items: items, title: "\(items.count) images in \(HumanText.paths(paths))", to: contactSheet)
        print("wrote \(contactSheet)")
      }
      guard screenshot == nil, contactSheet == nil else { return }
      let feed = GalleryFeed(items: items)
      SignalTrap.install { feed.requestClose() }
      DisplayLoss.watch { .noDisplay }
      defer { DisplayLoss.unwatch() }
      _ = try GalleryWindow(feed: feed, options: window.viewerOptions).run()
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }
}
