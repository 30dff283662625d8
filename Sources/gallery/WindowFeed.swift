import FileSet
package import Ground
import Synchronization
import Transport
package import Viewer

/// Joins a receiver's sessions to the window: their pictures one behind the other, and one line that says
/// what happens.
package final class WindowFeed: Sendable {
  package let feed = GalleryFeed()

  private struct State {
    /// The place of the session's first picture; those of the sessions before it stand in front.
    var base = 0
    var next = 0
    var hasListened = false
    /// Pictures that are shown from a part: not verified yet.
    var unverified: [Int: GalleryItem] = [:]
  }
  private let state = Mutex(State())
  private let plan: ReceivePlan

  package init(_ plan: ReceivePlan) { self.plan = plan }

  @Sendable package func tell(_ event: TransferEvent) {
    switch event {
    case .listening(_, let port): listen(at: port)
    case .began(let start): begin(start)
    case .arrived(let file): add(file, isVerified: false)
    case .verified(let file): add(file, isVerified: true)
    case .progress(let progress):
      feed.setStatus(ProgressText.line(progress, label: ""))
      feed.setProgress(progress.fraction)
    case .ended(let line): end(line)
    case .joined, .lost, .notice: break
    }
  }

  /// With --keep the line of the session before stays until the next begins.
  private func listen(at port: Int) {
    let isFirst = state.withLock { state in
      defer { state.hasListened = true }
      return !state.hasListened
    }
    if isFirst { feed.setStatus(WaitingText.line(plan, port: port)) }
  }

  private func begin(_ start: SessionStart) {
    state.withLock { $0.base = $0.next }
    feed.setStatus(ReceiveSummary.beginning(start))
  }

  private func add(_ file: FileArrival, isVerified: Bool) {
    let item = state.withLock { state in
      let item = GalleryItem(index: state.base + file.index, name: file.name.printable, path: file.path)
      state.next = max(state.next, item.index + 1)
      state.unverified[item.index] = isVerified ? nil : item
      return item
    }
    feed.add(item)
  }

  private func end(_ line: String) {
    let lost = state.withLock { state in
      defer { state.unverified = [:] }
      return state.unverified.values
    }
    for item in lost {
      feed.add(
        GalleryItem(
          index: item.index, name: item.name, path: item.path,
          absence: "the session ended before this file was verified; it was not kept"))
    }
    if plan.keeps {
      feed.setStatus("\(line) · waiting for the next sender")
      feed.setProgress(.nan)
    } else {
      feed.finish(status: line)
    }
  }
}
