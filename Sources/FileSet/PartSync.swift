import Dispatch
import Glibc
import Synchronization

/// Brings parts to the disk on a thread of its own, because a slow disk must not delay the network. One job
/// at a time.
///
/// A job has this order: the manifest and the parts, then the map as it was before. Its owner appends the
/// record that says so when the job is done. So the map on the disk never claims what the parts there lack.
final class PartSync: Sendable {
  /// A file that was written to.
  struct Item: Sendable {
    var file: Int
    /// Its name in the inbox, which it may have got meanwhile.
    var name: String
  }

  /// Of more files than this, one call brings the whole file system to the disk.
  private static let itemLimit = 64

  private enum State { case idle, running, done(UInt64), failed }
  private let state = Mutex(State.idle)
  private let queue = DispatchQueue(label: "gallery.parts", qos: .utility)

  /// Whether a job can start. After a failure none can: the disk may have lost what was written to it.
  var isIdle: Bool {
    state.withLock { if case .idle = $0 { true } else { false } }
  }

  /// The records before this offset of the map describe bytes that are on the disk now; once for each job.
  func takeDone() -> UInt64? {
    state.withLock { state in
      guard case .done(let offset) = state else { return nil }
      state = .idle
      return offset
    }
  }

  /// Starts a job. `work`, `inbox`: the folders; they are duplicated here. `map`: the map's descriptor. All
  /// records before `mapEnd` are in the map file, and `items` names the files of those that no job has had.
  func start(_ items: [Item], work: Int32, inbox: Int32, map: Int32, mapEnd: UInt64) {
    let folders = [work, inbox, map].map { duplicate($0) }
    state.withLock { $0 = .running }
    let job: @Sendable () -> Void = {
      let isDone =
        folders.allSatisfy { $0 >= 0 }
        && Self.sync(items, work: folders[0], inbox: folders[1], map: folders[2])
      for folder in folders where folder >= 0 { closeDescriptor(folder) }
      self.state.withLock { $0 = isDone ? .done(mapEnd) : .failed }
    }
    if let disk = disk(of: work) { disk.runLater(job) } else { queue.async(execute: job) }
  }

  /// Waits for a job that runs.
  func wait() { queue.sync {} }

  private static func sync(_ items: [Item], work: Int32, inbox: Int32, map: Int32) -> Bool {
    if items.count > itemLimit {
      guard syncfs(inbox) == 0 else { return false }
    } else {
      for item in items where !sync(item, work: work, inbox: inbox) { return false }
    }
    return sync(PartMap.manifestName, in: work) && fdatasync(map) == 0 && fsync(work) == 0
  }

  /// True also for a file that is gone: nothing can be taken up of it.
  private static func sync(_ item: Item, work: Int32, inbox: Int32) -> Bool {
    let part = openat(work, WorkFolder.partName(item.file), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    if part >= 0 { return sync(part) }
    guard let folder = InboxFolders.existingFolder(of: item.name, in: inbox),
      let base = item.name.split(separator: "/").last
    else { return true }
    let file = openat(folder.number, String(base), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    return file < 0 || sync(file)
  }

  private static func sync(_ name: String, in folder: Int32) -> Bool {
    let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    return file >= 0 && sync(file)
  }

  /// Takes ownership of the descriptor.
  private static func sync(_ number: Int32) -> Bool {
    let file = OwnedDescriptor(number)
    return fdatasync(file.number) == 0
  }
}
