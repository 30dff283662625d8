import Checksum
import FileSet
import Glibc
import Testing

/// A file that a power cut damaged under its name, Specs/resume.md §4.
@Suite struct TornFileTests {
  private func put(_ store: PartStore, _ bytes: [UInt8]) throws {
    let entry = ManifestEntry(
      byteCount: UInt64(bytes.count), modificationTimeNanoseconds: 1_600_000_000_000_000_001, mode: 0o644,
      name: "a.jpg")
    try bytes.span.withUnsafeBytes { raw throws(FileSetError) in try store.write(file: 0, offset: 0, raw) }
    try store.settle(file: 0, entry: entry)
    _ = try store.deliver(file: 0, entry: entry, checksum: CRC32.checksum(bytes.span))
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
}
