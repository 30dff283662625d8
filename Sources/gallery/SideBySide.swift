import Dispatch

/// Runs bodies that mostly wait, each on a queue of its own: such a queue gets a thread for itself. A shared
/// queue runs as many at once as there are cores, and lets the others wait.
enum SideBySide {
  /// At once; a further body starts when one has ended.
  static let limit = 64

  /// Runs `body` for 0 ..< count, and returns when all have ended.
  static func run(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let free = DispatchSemaphore(value: limit)
    let running = DispatchGroup()
    for index in 0..<count {
      free.wait()
      running.enter()
      DispatchQueue(label: "gallery.beside").async {
        body(index)
        free.signal()
        running.leave()
      }
    }
    running.wait()
  }
}
