import FoundationEssentials

/// A folder for a run's own copies. It goes with the run, however that ends: `remove` at its end, a signal
/// before.
struct TemporaryFolder {
  let path: String

  /// `name` is what the run is, as in "compare". The folder is not made yet. To be called on the main thread.
  init(_ name: String) {
    path =
      FileManager.default.temporaryDirectory.path
      + "/gallery-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
    SignalTrap.removeAtEnd(path, true)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
    SignalTrap.removeAtEnd(path, false)
  }
}
