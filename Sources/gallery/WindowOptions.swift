import ArgumentParser
import Viewer

/// What `show` and `view` have in common.
struct WindowOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How long each image is shown.", valueName: "1s"), transform: TimeText.read)
  var interval: TimeText?
  @Flag(help: "Fill the screen.")
  var fullScreen = false
  @Flag(help: "Close when everything has been shown once.")
  var close = false

  var viewerOptions: ViewerOptions {
    ViewerOptions(
      hostName: hostName, secondsPerImage: interval?.seconds ?? 1, fullScreen: fullScreen,
      closeWhenDone: close)
  }

  /// Throws for an option of the window when another option says that there is none.
  func refuse(withoutWindow other: String?) throws {
    guard let other else { return }
    let given = [("--interval", interval != nil), ("--full-screen", fullScreen), ("--close", close)]
    for (name, isGiven) in given where isGiven {
      throw ValidationError("\(name) is for the window, and \(other) opens none: leave one of the two out")
    }
  }
}
