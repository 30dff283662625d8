import Checksum
import FileSet
import Glibc
import Ground
import MemoryDisk
import Testing

/// A file that a power cut damaged under its name, Specs/resume.md §4.
@Suite struct TornFileTests {
  private func put(_ store: PartStore, _ bytes: [UInt8], file: Int = 0, name: String = "a.jpg") throws {
    let entry = ManifestEntry(
      byteCount: UInt64(bytes.count), modificationTimeNanoseconds: 1_600_000_000_000_000_001, mode: 0o644,
      name: name)
    try bytes.span.withUnsafeBytes { raw throws(FileSetError) in try store.write(file: file, offset: 0, raw) }
    try store.settle(file: file, entry: entry)
    _ = try store.deliver(file: file, entry: entry, checksum: CRC32.checksum(bytes.span))
  }

  /// A power cut can leave a file under its name without some of its bytes. Its sender's time is on it, and
  /// what it has is the sender's: the file takes its place.
  @Test(
    arguments: [
      (Array(repeating: 0, count: 3_000), true), ([], true), (Array(sampleBytes(3_000)[..<700]), true),
      (sampleBytes(3_000, seed: 2), false), (Array(repeating: 0, count: 3_001), false),
    ] as [([UInt8], Bool)])
  func aTornFileGivesWayToItself(torn: [UInt8], givesWay: Bool) throws {
    for hasSendersTime in [true, false] {
      let folder = TestFolder()
      let store = try PartStore(inboxPath: folder.path, sessionID: 1)
      let path = folder.file("a.jpg", torn)
      let times = Array(repeating: timespec(tv_sec: 1_600_000_000, tv_nsec: hasSendersTime ? 1 : 0), count: 2)
      if hasSendersTime { #expect(utimensat(AT_FDCWD, path, times, 0) == 0) }
      guard givesWay, hasSendersTime else {
        #expect(throws: FileSetError.alreadyExists(name: "a.jpg")) {
          try put(store, sampleBytes(3_000))
        }
        #expect(readBytes(path) == torn)
        continue
      }
      try put(store, sampleBytes(3_000))
      #expect(readBytes(path) == sampleBytes(3_000))
    }
  }

  /// On a file system without exclusive rename and links a session reserves a name by an empty file. Such a
  /// file is not torn, even when the sender's time happens to be the present one. A dead session's is.
  @Test(arguments: [true, false]) func aReservedNameIsNotTorn(lives: Bool) throws {
    let folder = TestFolder()
    let other = try PartStore(inboxPath: folder.path, sessionID: 2)
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    let work = lives ? ".gallery-0000000000000002" : ".gallery-00000000000000aa"
    if !lives { folder.folder(work) }
    folder.file("\(work)/0.claim", Array("a.jpg".utf8))
    folder.file("\(work)/0.part", [1, 2, 3])
    let path = folder.file("a.jpg", [])
    let times = Array(repeating: timespec(tv_sec: 1_600_000_000, tv_nsec: 1), count: 2)
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    if lives {
      #expect(throws: FileSetError.alreadyExists(name: "a.jpg")) { try put(store, sampleBytes(3_000)) }
      #expect(readBytes(path) == [])
    } else {
      try put(store, sampleBytes(3_000))
      #expect(readBytes(path) == sampleBytes(3_000))
    }
    withExtendedLifetime(other) {}
  }

  /// The inbox is listed once for many empty files that are older than its list, and again for one that may
  /// be younger: another session may have reserved it since.
  @Test func theInboxIsListedForYoungFilesOnly() throws {
    let host = try MemoryHost()
    let key = PartKey(shape: host.source.shape, identity: host.source.identity)
    let store = try PartStore(inboxPath: "inbox", key: key, from: host.disk.openRoot())
    let torn = (0..<20).map { "\($0).jpg" }
    for name in torn { makeEmpty(name, on: host) }
    host.wait(.seconds(10))
    let listCount = host.disk.listCount
    for (file, name) in torn.enumerated() {
      try put(store, sampleBytes(700), file: file, name: name)
      #expect(host.disk.bytes("inbox/\(name)") == sampleBytes(700))
    }
    #expect(host.disk.listCount == listCount + 1)
    // A change time beyond what 64 bits of nanoseconds can say.
    makeEmpty("far.jpg", on: host).changedAt.tv_sec = .max
    try put(store, sampleBytes(700), file: 21, name: "far.jpg")
    #expect(host.disk.listCount == listCount + 2)

    let names = host.names
    let other = try PartStore(
      inboxPath: "inbox", identity: SetIdentity(of: [1].span), chunkByteCount: 1_000,
      from: host.disk.openRoot())
    let work = try #require(host.names.subtracting(names).first)
    _ = host.disk.make("inbox/\(work)/0.claim", Array("new.jpg".utf8))
    makeEmpty("new.jpg", on: host)
    #expect(throws: FileSetError.alreadyExists(name: "new.jpg")) {
      try put(store, sampleBytes(700), file: 20, name: "new.jpg")
    }
    #expect(host.disk.bytes("inbox/new.jpg") == [])
    withExtendedLifetime(other) {}
  }

  @discardableResult
  private func makeEmpty(_ name: String, on host: MemoryHost) -> MemoryNode {
    let node = host.disk.make("inbox/\(name)", [])
    node.modifiedAt = timespec(tv_sec: 1_600_000_000, tv_nsec: 1)
    return node
  }
}
