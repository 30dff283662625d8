import FileSet
package import Glibc
package import Ground

/// A file or folder of a disk in memory.
package final class MemoryNode {
  /// Bytes that reach the disk together.
  private static let sectorByteCount = 512

  package let number: UInt64
  package let isFolder: Bool
  package var mode: mode_t
  package var bytes: [UInt8] = []
  package var names: [String: MemoryNode] = [:]
  package var linkCount: UInt64 = 0
  package var modifiedAt = timespec()
  package var changedAt = timespec()
  /// The open file that has the lock.
  package var lockHolder: Int?
  /// What every power cut spares.
  private var spared: [UInt8] = []

  package init(number: UInt64, isFolder: Bool, mode: mode_t) {
    self.number = number
    self.isFolder = isFolder
    self.mode = mode
  }

  package func write(_ written: [UInt8], at offset: Int) {
    let end = offset + written.count
    if bytes.count < end { truncate(end) }
    bytes.replaceSubrange(offset..<end, with: written)
  }

  package func truncate(_ count: Int) {
    if count < bytes.count {
      bytes.removeLast(bytes.count - count)
    } else {
      bytes += [UInt8](repeating: 0, count: count - bytes.count)
    }
  }

  package func sync() { spared = bytes }

  /// The power is cut: each sector, and the length, is that of the last sync or the present one. `share`: of
  /// the present ones, percent.
  package func cutPower(_ generator: inout SplitMix64, share: UInt64) {
    guard bytes != spared else { return }
    let present = bytes
    bytes = spared
    if generator.next() % 100 < share { truncate(present.count) }
    for start in stride(from: 0, to: min(bytes.count, present.count), by: Self.sectorByteCount)
    where generator.next() % 100 < share {
      let sector = start..<min(start + Self.sectorByteCount, bytes.count, present.count)
      bytes.replaceSubrange(sector, with: present[sector])
    }
    sync()
  }
}

/// A host's disk in memory, with the system's cache before it. Faults are planned by the number of the
/// operation that they hit. What `Disk` asks for is in `MemoryDisk+Calls.swift`.
package final class MemoryDisk: Disk, @unchecked Sendable {
  /// A fault that hits one operation that changes something.
  package enum Failure: Equatable {
    /// No space from here on, for this many nanoseconds.
    case full(Nanoseconds)
    /// The same for this user only: the file system says that it has space.
    case quota(Nanoseconds)
    case shortWrite
    case ioError
    /// The process is killed before it.
    case kill
    /// The power is cut before it.
    case powerCut
  }

  /// What some file systems lack: locks and renames that refuse a taken name on network shares, links on FAT.
  package enum Ability: Sendable { case locks, exclusiveRename, links }

  package struct OpenFile {
    let id: Int
    let node: MemoryNode
    var position = 0
  }

  /// A change of the names, which a power cut may undo together with all later ones.
  package enum NameChange {
    case entry(MemoryNode, String, MemoryNode?)
    case time(MemoryNode, timespec)
  }

  package let clock: UnsafePointer<Instant>
  package let root = MemoryNode(number: 1, isFolder: true, mode: 0o755)
  package private(set) var descriptors: Range<Int32> = 0..<0
  private var nextDescriptor: Int32 = 0
  package var open: [Int32: OpenFile] = [:]
  private var openCount = 0
  private var nodeCount: UInt64 = 1
  /// How to undo what was not brought to the disk, one element for each operation.
  package var nameLog: [[NameChange]] = []

  /// Operations that change something, and reads of files, since the disk was made.
  package private(set) var operationCount = 0
  package var readCount = 0
  /// Times that the names of a folder were asked for.
  package internal(set) var listCount = 0
  package var failures: [Int: Failure] = [:]
  package var readFailures: Set<Int> = []
  package var missing: Set<Ability> = []
  /// Bytes are refused until then.
  package private(set) var fullUntil = Instant.zero
  private var quotaUntil = Instant.zero
  /// Of the process: it is gone, and its calls have no effect.
  package private(set) var dead: Failure?
  /// Seconds by which the host's clock is wrong.
  package var clockError = 0
  package private(set) var bootCount = 0
  private var jobs: [(at: Instant, body: @Sendable () -> Void)] = []
  private var generator: SplitMix64

  package init(clock: UnsafePointer<Instant>, seed: UInt64) {
    self.clock = clock
    generator = SplitMix64(seed: seed)
    descriptors = Disks.mount(self)
    nextDescriptor = descriptors.lowerBound
    boot()
    nameLog = []
  }

  package func unmount() { Disks.unmount(descriptors) }

  /// A descriptor of the root folder, for a process.
  package func openRoot() -> Int32 { add(root) }

  package var now: timespec {
    let (seconds, rest) = clock.pointee.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return timespec(tv_sec: 1_700_000_000 + clockError + Int(seconds), tv_nsec: Int(rest))
  }

  package func makeNode(isFolder: Bool, mode: mode_t) -> MemoryNode {
    nodeCount += 1
    let node = MemoryNode(number: nodeCount, isFolder: isFolder, mode: mode)
    (node.modifiedAt, node.changedAt) = (now, now)
    return node
  }

  package func add(_ node: MemoryNode) -> Int32 {
    precondition(descriptors.contains(nextDescriptor), "descriptors are used up")
    defer { nextDescriptor += 1 }
    openCount += 1
    open[nextDescriptor] = OpenFile(id: openCount, node: node)
    return nextDescriptor
  }

  // MARK: Faults

  /// Counts an operation that changes something. Nil: it is carried out. Otherwise its error, or 0 when it is
  /// a write that is to be short.
  package func begin(isWrite: Bool = false) -> Int32? {
    guard dead == nil else { return EIO }
    operationCount += 1
    switch failures[operationCount] {
    case .full(let nanoseconds): fullUntil = clock.pointee + nanoseconds
    case .quota(let nanoseconds): quotaUntil = clock.pointee + nanoseconds
    case .shortWrite where isWrite: return 0
    case .ioError: return EIO
    case .kill, .powerCut:
      dead = failures[operationCount]
      return EIO
    case .shortWrite, nil: break
    }
    return isWrite ? fullCode : nil
  }

  package var isFull: Bool { clock.pointee < fullUntil }
  /// Why a write is refused, if it is.
  package var fullCode: Int32? { isFull ? ENOSPC : clock.pointee < quotaUntil ? EDQUOT : nil }

  package func kill(_ failure: Failure) { if dead == nil { dead = failure } }

  /// The process is gone, and with it what it had open. After a power cut so is what was not on the disk.
  package func restart() {
    open = [:]
    jobs = []
    release(root)
    if dead == .powerCut { cutPower() }
    dead = nil
  }

  private func release(_ node: MemoryNode) {
    node.lockHolder = nil
    node.names.values.forEach(release)
  }

  private func cutPower() {
    let keptCount = Int(generator.next() % UInt64(nameLog.count + 1))
    for operation in nameLog[keptCount...].reversed() {
      for change in operation.reversed() {
        switch change {
        case .entry(let folder, let name, let node): folder.names[name] = node
        case .time(let node, let time): node.modifiedAt = time
        }
      }
    }
    nameLog = []
    let share = [0, 50, 100][Int(generator.next() % 3)] as UInt64
    var nodes = [root]
    var seen: Set<UInt64> = []
    while let node = nodes.popLast() {
      node.linkCount += 1
      guard seen.insert(node.number).inserted else { continue }
      node.linkCount = 1
      if node.isFolder {
        nodes += node.names.sorted { $0.key < $1.key }.map(\.value)
      } else {
        node.cutPower(&generator, share: share)
      }
    }
    boot()
  }

  /// The system is new: it has another boot id.
  private func boot() {
    bootCount += 1
    var folder = root
    for name in ["proc", "sys", "kernel", "random"] {
      let next = folder.names[name] ?? makeNode(isFolder: true, mode: 0o755)
      folder.names[name] = next
      folder = next
    }
    let file = makeNode(isFolder: false, mode: 0o444)
    file.bytes = Array("boot \(bootCount) of a host that lives in memory only\n".utf8)
    file.sync()
    folder.names["boot_id"] = file
  }

  // MARK: Jobs

  package func runLater(_ job: @escaping @Sendable () -> Void) {
    let delay = Nanoseconds.milliseconds(1 + generator.next() % 400)
    jobs.append((clock.pointee + delay, job))
  }

  package var nextJobAt: Instant { jobs.map(\.at).min() ?? .never }

  package func runDueJobs() {
    while dead == nil, let place = jobs.firstIndex(where: { $0.at <= clock.pointee }) {
      jobs.remove(at: place).body()
    }
  }

  package func runAllJobs() { while dead == nil, let job = jobs.popLast() { job.body() } }

  // MARK: What is there

  /// The bytes of a file by its path; nil when there is none.
  package func bytes(_ path: String) -> [UInt8]? { node(path).flatMap { $0.isFolder ? nil : $0.bytes } }

  package func node(_ path: String) -> MemoryNode? {
    var node: MemoryNode? = root
    for name in path.split(separator: "/") where name != "." { node = node?.names[String(name)] }
    return node
  }

  /// Makes a file, and the folders above it, as it is on the disk before a run.
  package func make(_ path: String, _ bytes: [UInt8]) -> MemoryNode {
    var folder = root
    let names = path.split(separator: "/").map(String.init)
    for name in names.dropLast() {
      let next = folder.names[name] ?? makeNode(isFolder: true, mode: 0o755)
      folder.names[name] = next
      folder = next
    }
    let file = makeNode(isFolder: false, mode: 0o644)
    file.bytes = bytes
    file.linkCount = 1
    file.sync()
    folder.names[names[names.count - 1]] = file
    return file
  }
}
