import Synchronization

/// The contents of the window. Network threads write them in any order, and the window reads them.
///
/// Every call may come from any thread and returns at once. It wakes the window and does not wait for it.
package final class GalleryFeed: Sendable {
  /// An item as the window sees it.
  package struct Entry: Sendable, Equatable {
    package var item: GalleryItem
    /// Distinguishes this item from an earlier one with the same index. A move keeps the revision.
    package var revision: UInt64
    /// When it joined the feed as a whole image, by `CLOCK_MONOTONIC`; 0 before.
    package var arrivedNanoseconds: UInt64 = 0

    package init(item: GalleryItem, revision: UInt64) {
      self.item = item
      self.revision = revision
    }
  }

  /// One consistent view of the feed.
  package struct Snapshot: Sendable {
    /// By session, then in the natural order of their names (`NaturalOrder`), then by index; no index twice.
    package var entries: [Entry] = []
    package var status = ""
    /// In [0, 1]; nil while unknown.
    package var progress: Double?
    package var isFinished = false
    package var isCloseRequested = false
    /// How the chunks of the present session arrive; nil where that is not known.
    package var delivery: DeliveryMap?
    /// What went over the network in the last seconds; nil where that is not known.
    package var traffic: Traffic?
    /// How the receivers of a sender fare, in place of images.
    package var board: ReceiverBoard?
    /// A run that the window replays, in place of images.
    package var recording: Recording?
    /// What the window waits for, where that is not an image: "Reading run.qlog…".
    package var waitingLine: String?

    /// The number of whole images.
    package var wholeCount: Int { entries.count { $0.item.part == nil } }

    /// Position in `entries` of the item with this index, or nil. O(n).
    package func position(ofIndex index: Int) -> Int? { entries.firstIndex { $0.item.index == index } }

    /// Position of this entry, counted from 0, or nil if it was removed. O(log n).
    func position(of entry: Entry) -> Int? {
      let position = insertionPosition(entry.item)
      return position < entries.count && entries[position].revision == entry.revision ? position : nil
    }

    /// "5 of 20", counted from 1 as people do; empty for an entry that was removed.
    func place(of entry: Entry) -> String {
      position(of: entry).map { "\($0 + 1) of \(entries.count)" } ?? ""
    }

    /// Where this item stands or would stand. O(log n).
    func insertionPosition(_ item: GalleryItem) -> Int {
      var low = 0
      var high = entries.count
      while low < high {
        let middle = (low + high) / 2
        if entries[middle].item.isBefore(item) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private struct State {
    var snapshot = Snapshot()
    /// Items by index, so that the arrival of an item needs no search in a list of 100,000.
    var items: [Int: GalleryItem] = [:]
    var nextRevision: UInt64 = 0
    var wake: (@Sendable () -> Void)?
    /// Nil: the window has not asked, or was answered.
    var sampleWantedFrom: UInt64?

    func position(ofIndex index: Int) -> Int? {
      items[index].map { snapshot.insertionPosition($0) }
    }

    mutating func remove(index: Int) {
      guard let position = position(ofIndex: index) else { return }
      snapshot.entries.remove(at: position)
      items[index] = nil
    }
  }

  private let state = Mutex(State())

  package init() {}

  /// A feed of files that are already complete, as `gallery view` shows them.
  package convenience init(items: [GalleryItem]) {
    self.init()
    for item in items { add(item) }
    finish(status: "")
  }

  /// Names the images that will arrive, so that each has its place from the beginning. An image that is there
  /// already stays.
  package func expect(_ items: [GalleryItem]) {
    change { state in
      for item in items where state.items[item.index] == nil {
        state.snapshot.entries.append(Entry(item: item, revision: state.nextRevision))
        state.nextRevision += 1
        state.items[item.index] = item
      }
      state.snapshot.entries.sort { $0.item.isBefore($1.item) }
    }
  }

  /// Notes how much of some images is here, by index. An image that is whole, or not expected, is left alone.
  package func setParts(_ parts: [Int: ImagePart]) {
    change { state in
      for (index, part) in parts {
        guard let position = state.position(ofIndex: index),
          state.snapshot.entries[position].item.part != nil
        else { continue }
        state.snapshot.entries[position].item.part = part
        state.items[index]?.part = part
      }
    }
  }

  /// Notes that the rest of the images that are not whole will not come.
  package func endParts() {
    change { state in
      for position in state.snapshot.entries.indices {
        state.snapshot.entries[position].item.part?.isOver = true
      }
    }
  }

  /// Shows a complete image; replaces one that has the same index. An image that was expected keeps its
  /// revision, so that its picture stays until the whole one is decoded.
  package func add(_ item: GalleryItem) {
    change { state in
      let former = state.position(ofIndex: item.index).map { state.snapshot.entries[$0] }
      let isAwaited = former.map { $0.item.part != nil && $0.item.name == item.name } ?? false
      var entry = Entry(
        item: item, revision: former.flatMap { isAwaited ? $0.revision : nil } ?? state.nextRevision)
      entry.arrivedNanoseconds = MonotonicClock.now()
      state.nextRevision += 1
      state.remove(index: item.index)
      let position = state.snapshot.insertionPosition(item)
      state.snapshot.entries.insert(entry, at: position)
      state.items[item.index] = item
    }
  }

  /// Notes that a file was renamed, as a part file is at its end. The picture on the screen stays.
  package func move(index: Int, to path: String) {
    change { state in
      guard let position = state.position(ofIndex: index) else { return }
      state.snapshot.entries[position].item.path = path
    }
  }

  /// Takes an image out of the show (its verification failed).
  package func remove(index: Int) {
    change { $0.remove(index: index) }
  }

  /// Takes images out of the show, such as files that are gone.
  package func remove(indices: [Int]) {
    guard !indices.isEmpty else { return }
    let gone = Set(indices)
    change { state in
      state.snapshot.entries.removeAll { gone.contains($0.item.index) }
      for index in gone { state.items[index] = nil }
    }
  }

  /// A feed of a run that was recorded.
  package convenience init(recording: Recording) {
    self.init()
    setRecording(recording)
  }

  /// A feed of a run that is still being read.
  package convenience init(waitingFor line: String) {
    self.init()
    change { $0.snapshot.waitingLine = line }
  }

  /// Replays a run from now on.
  package func setRecording(_ recording: Recording) {
    change {
      $0.snapshot.recording = recording
      $0.snapshot.waitingLine = nil
    }
    finish(status: "")
  }

  /// Sets how the chunks arrive, for the map.
  package func setDelivery(_ delivery: DeliveryMap?, traffic: Traffic? = nil) {
    change {
      $0.snapshot.delivery = delivery
      $0.snapshot.traffic = traffic
    }
  }

  /// Sets how the receivers fare, in the window of a sender.
  package func setBoard(_ board: ReceiverBoard) {
    change { $0.snapshot.board = board }
  }

  /// Sets the line under the picture, such as "12 of 20 · 5.1 MB/s · 4.8 % lost". An empty line is hidden.
  package func setStatus(_ status: String) {
    change { $0.snapshot.status = status }
  }

  /// Sets the bar under the picture, clamped to [0, 1]. NaN hides it.
  package func setProgress(_ fraction: Double) {
    change { $0.snapshot.progress = fraction.isNaN ? nil : min(max(fraction, 0), 1) }
  }

  /// Notes that no more images will arrive, with the reason in one line. The show then repeats.
  package func finish(status: String) {
    change {
      for position in $0.snapshot.entries.indices {
        $0.snapshot.entries[position].item.part?.isOver = true
      }
      $0.snapshot.isFinished = true
      $0.snapshot.status = status
      $0.snapshot.progress = nil
    }
  }

  /// Empties the feed for the next session (`--keep`).
  package func restart() {
    change {
      let isCloseRequested = $0.snapshot.isCloseRequested
      $0.snapshot = Snapshot()
      $0.items = [:]
      $0.snapshot.isCloseRequested = isCloseRequested
    }
  }

  /// Asks the window to close, for example after Ctrl-C. `GalleryWindow.run` then returns `.closeRequested`.
  package func requestClose() {
    change { $0.snapshot.isCloseRequested = true }
  }

  /// The window has drawn what is here, and asks how the transfer stands at `time` of `CLOCK_MONOTONIC`, in
  /// nanoseconds, or soon after.
  package func askForSample(at time: UInt64) { state.withLock { $0.sampleWantedFrom = time } }

  /// Whether the window has asked since the last call that said so, and its time has come.
  package func takeSampleWish(now: UInt64 = MonotonicClock.now()) -> Bool {
    state.withLock { state in
      guard let time = state.sampleWantedFrom, now >= time else { return false }
      state.sampleWantedFrom = nil
      return true
    }
  }

  /// The number of whole images.
  package var itemCount: Int { state.withLock { $0.snapshot.wholeCount } }

  package func snapshot() -> Snapshot { state.withLock { $0.snapshot } }

  /// The path of an entry's file now; nil if the entry was removed or replaced.
  package func currentPath(of entry: Entry) -> String? {
    state.withLock { state in
      guard let position = state.position(ofIndex: entry.item.index),
        state.snapshot.entries[position].revision == entry.revision
      else { return nil }
      return state.snapshot.entries[position].item.path
    }
  }

  /// Sets a closure that is called after each change, on the changing thread. The window sets it while it
  /// runs.
  package func setWake(_ wake: (@Sendable () -> Void)?) {
    state.withLock { $0.wake = wake }
  }

  private func change(_ body: (inout sending State) -> Void) {
    let wake = state.withLock { state in
      body(&state)
      return state.wake
    }
    wake?()
  }
}
