import FileSet
package import Ground
import Synchronization
package import Transport
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
    var progress = FileProgress()
    var traffic = Traffic()
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
    case .found, .way, .joined, .lost, .unicast, .storage, .notice: break
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

  /// Which chunks are here. Called on the session's thread, ten times a second.
  package func take(_ sample: ReceptionSample) {
    let (base, update, traffic, isNew) = state.withLock { state in
      let isNew = state.progress.fileCount == 0
      state.traffic.add(Traffic.Sample(sample))
      let update = state.progress.take(sample)
      state.next = max(state.next, state.base + state.progress.fileCount)
      return (state.base, update, state.traffic, isNew)
    }
    if isNew {
      feed.expect(
        sample.manifest.entries.enumerated().map { file, entry in
          GalleryItem(
            index: base + file, name: entry.name.printable, path: sample.partPath(file), part: ImagePart(),
            file: file)
        })
    }
    feed.setParts(Dictionary(uniqueKeysWithValues: update.map { (base + $0.key, $0.value) }))
    feed.setDelivery(DeliveryMap(sample), traffic: traffic)
  }

  private func begin(_ start: SessionStart) {
    state.withLock {
      $0.base = $0.next
      $0.progress = FileProgress()
      $0.traffic = Traffic()
    }
    feed.setStatus(ReceiveSummary.beginning(start))
  }

  private func add(_ file: FileArrival, isVerified: Bool) {
    let (item, wasShown) = state.withLock { state in
      let item = GalleryItem(
        index: state.base + file.index, name: file.name.printable, path: file.path, file: file.index,
        travel: state.progress.travel(ofFile: file.index, byteCount: file.byteCount))
      state.next = max(state.next, item.index + 1)
      let wasShown = isVerified && state.unverified[item.index] != nil
      state.unverified[item.index] = isVerified ? nil : item
      return (item, wasShown)
    }
    // The bytes are the same, and need not be decoded again.
    if wasShown { feed.move(index: item.index, to: item.path) } else { feed.add(item) }
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
    feed.endParts()
    if plan.keeps {
      feed.setStatus("\(line) · waiting for the next sender")
      feed.setProgress(.nan)
    } else {
      feed.finish(status: line)
    }
  }
}

extension Traffic.Sample {
  /// Since the session began.
  package init(_ sample: ReceptionSample) {
    let traffic = sample.traffic
    self.init(
      seconds: Double(sample.now - sample.notes.began) / 1e9, byteCount: traffic.byteCount,
      datagramCount: traffic.datagramCount,
      lostCount: traffic.sentCount - min(traffic.sentCount, traffic.datagramCount),
      nackCount: traffic.nackCount)
  }
}
