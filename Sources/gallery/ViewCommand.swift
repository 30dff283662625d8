import ArgumentParser
import Figures
import FileSet
import Foundation
import Viewer

struct ViewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Shows images that are here.",
    discussion: """
      A folder's images appear as a grid, a single image alone. They come in the order people count: 2 before 10, and \
      files that appear in the folder later find their places by themselves. With --interval a slide show begins.

      \(KeyBindings.paragraph)

      Examples:
        gallery view inbox
        gallery view inbox --interval 3s --full-screen    # a slide show
        gallery view inbox --screenshot grid.png --as grid
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
  @Option(
    help: ArgumentHelp("Which image --screenshot shows, or selects in the grid, from 0.", valueName: "0"))
  var index: Int?
  @Option(help: ArgumentHelp("Instead of a window: write all images on one sheet.", valueName: "file.png"))
  var contactSheet: String?

  func validate() throws {
    try window.check()
    if window.mode == .map {
      throw ValidationError("--as map is of a transfer, and view has none: gallery show --as map")
    }
    try window.refuse(
      withoutWindow: screenshot != nil ? "--screenshot" : contactSheet != nil ? "--contact-sheet" : nil)
    if index != nil, screenshot == nil {
      throw ValidationError("--index is for --screenshot: leave it out, or add --screenshot FILE")
    }
  }

  func run() throws {
    do {
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
      guard screenshot == nil, contactSheet == nil else { return }
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
}
