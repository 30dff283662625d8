import ArgumentParser
import Dispatch
import FileSet
import Synchronization
import Transport
import Viewer

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    _superCommandName: Gallery.name,  // see NamedCommand
    abstract: "Receives one set of images and shows them in a window as they arrive.",
    discussion: """
      Each image appears when it is complete, in a slide show. G shows all of them as a grid, with how much \
      of each has arrived.

      \(KeyBindings.paragraph)

      Examples:
        gallery show
        gallery show --room attic
        gallery show --mode multicast --group 224.1.1.5 --interface eth1
        gallery show --screenshot picture.png        # needs no display
        gallery show --terminal                      # in a terminal, over ssh
      """)

  @OptionGroup var options: ReceiveOptions
  @OptionGroup var window: WindowOptions
  @Option(
    help: ArgumentHelp(
      "Instead of a window: write a picture of what it would show at the end.", valueName: "file.png"))
  var screenshot: String?
  @Flag(
    help: """
      Instead of a window: the newest image and the map in this terminal, as pixels where it says that it has them \
      (kitty, sixel), or as text.
      """)
  var terminal = false
  private var planned = Planned<ReceivePlan>()

  mutating func validate() throws {
    planned.plan = try ReceivePlan(options)
    try window.check()
    try window.refuse(withoutWindow: screenshot == nil ? nil : "--screenshot")
    try window.refuse(withoutWindow: terminal ? "--terminal" : nil, isText: true)
    if terminal {
      let output = planned.plan?.output
      let given = [
        ("--screenshot", screenshot != nil), ("--as", window.mode != nil), ("--json", output?.json == true),
        ("--json-lines", output?.jsonLines == true), ("--quiet", output?.quiet == true),
      ]
      for (name, isGiven) in given where isGiven {
        throw ValidationError(
          "--terminal draws images and the map on standard output: leave out \(name)")
      }
    }
    if window.close, options.keep {
      throw ValidationError("--close does nothing beside --keep, which waits for more images: leave one out")
    }
  }

  func run() throws {
    let plan = try (planned.plan ?? ReceivePlan(options)).unlocked(options)
    let pictures = WindowFeed(plan)
    let feed = pictures.feed
    let drawing = terminal ? TerminalShow(feed) : nil
    let console = Console(isQuiet: plan.output.quiet || drawing?.isLive == true)
    let receiving = Receiving(plan, console: console, tell: pictures.tell, pictures: pictures)
    SignalTrap.install {
      receiving.cancel()
      feed.requestClose()
    }
    try receiving.tryOutInbox()
    drawing?.start()
    let status = try screenshot == nil && !terminal ? show(feed, receiving) : receiving.run()
    try drawing?.end()
    if let screenshot, feed.itemCount > 0 {
      try Screenshot.write(feed: feed, as: window.mode ?? .image, look: window.look, to: screenshot)
      console.say("wrote \(screenshot)")
    }
    guard status == .whole else { throw status.exitCode }
  }

  /// The window on this thread, the network on another; closing the window ends both.
  private func show(_ feed: GalleryFeed, _ receiving: Receiving) throws -> ExitStatus {
    let view: GalleryWindow
    do { view = try GalleryWindow(feed: feed, options: window.viewerOptions(usual: .image)) } catch {
      let status = ExitStatus(error)
      Console.fail("\(error)" + (status == .noDisplay ? "; gallery receive needs no display" : ""))
      throw status.exitCode
    }
    let ended = DispatchSemaphore(value: 0)
    let status = Mutex(ExitStatus.whole)
    DispatchQueue(label: "gallery.receiving").async {
      let result = receiving.run()
      status.withLock { $0 = result }
      ended.signal()
    }
    // Files that are whole count, also when nobody can look at them any more.
    DisplayLoss.watch {
      receiving.cancel()
      ended.wait()
      return status.withLock { $0 == .endedByUser ? .noDisplay : $0 }
    }
    defer { DisplayLoss.unwatch() }
    _ = try view.run()
    DisplayLoss.unwatch()
    receiving.cancel()
    ended.wait()
    return status.withLock { $0 }
  }
}
