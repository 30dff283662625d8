import FileSet
import Ground
import MemoryDisk
import Wire

/// A sender's chunks, and a receiver's host with a disk in memory, on which a file of the set's is in the
/// way.
final class MemoryHost {
  static let files: [(String, [UInt8])] = [
    ("a.jpg", sampleBytes(2_500, seed: 1)), ("empty.jpg", []), ("folder/b.jpg", sampleBytes(1_700, seed: 2)),
    ("taken.jpg", sampleBytes(900, seed: 3)),
  ]

  let source: SetSource
  let chunks: [SentChunk]
  let disk: MemoryDisk
  private let sent = TestFolder()
  private let clock: UnsafeMutablePointer<Instant>

  /// `missing`: what the file system lacks.
  init(missing: Set<MemoryDisk.Ability> = []) throws {
    sent.folder("folder")
    for (name, bytes) in Self.files { sent.file(name, bytes) }
    let options = ScanOptions(allFiles: true, recursive: true)
    source = try SetSource(try FileScanner.scan(sent.path, options: options), chunkByteCount: 1_000)
    chunks = readAllChunks(source)
    clock = .allocate(capacity: 1)
    clock.initialize(to: .zero)
    disk = MemoryDisk(clock: clock, seed: 1)
    disk.missing = missing
    _ = disk.make("inbox/taken.jpg", [9])
  }

  deinit {
    disk.unmount()
    clock.deallocate()
  }

  /// A session of another process. `recordsPath`: a folder for what was verified, on the same disk.
  func receiver(recordsPath: String? = nil) throws -> ReceivedSet {
    let key = PartKey(shape: source.shape, identity: source.identity)
    return try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(inboxPath: "inbox", key: key, recordsPath: recordsPath, from: disk.openRoot()))
  }

  /// The same for a set whose files arrive one behind the other, as over TCP. Its manifest is here.
  func inOrderReceiver() throws -> ReceivedSet {
    let store = try PartStore(
      inboxPath: "inbox", identity: source.identity, chunkByteCount: source.shape.chunkByteCount,
      recordsPath: "records", from: disk.openRoot())
    store.adopt(PartKey(shape: source.shape, identity: source.identity))
    let set = try ReceivedSet(shape: source.shape, identity: source.identity, store: store, inOrder: true)
    try set.accept(source.manifest, encoded: source.manifest.encoded())
    return set
  }

  /// The host's clock goes on.
  func wait(_ nanoseconds: Nanoseconds) { clock.pointee = clock.pointee + nanoseconds }
  var now: Instant { clock.pointee }

  /// The names in the inbox.
  var names: Set<String> { Set(disk.node("inbox")?.names.keys.map { $0 } ?? []) }
}
