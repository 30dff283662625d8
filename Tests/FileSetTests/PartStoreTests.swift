import Checksum
import FileSet
import Foundation
import Glibc
import Synchronization
import Testing

private func makeEntry(
  _ name: String, _ bytes: [UInt8], time: Int64 = 1_600_000_000_000_000_001, mode: UInt16 = 0o644
)
  -> ManifestEntry
{
  ManifestEntry(byteCount: UInt64(bytes.count), modificationTimeNanoseconds: time, mode: mode, name: name)
}

/// Writes, settles and delivers one file.
private func put(_ store: PartStore, _ name: String, _ bytes: [UInt8], file: Int = 0, mode: UInt16 = 0o644)
  throws -> String
{
  let entry = makeEntry(name, bytes, mode: mode)
  try bytes.span.withUnsafeBytes { raw throws(FileSetError) in try store.write(file: file, offset: 0, raw) }
  try store.settle(file: file, entry: entry)
  return try store.deliver(file: file, entry: entry, checksum: CRC32.checksum(bytes.span))
}

/// Linux: gives the calling thread what it names, here a umask of its own.
@_silgen_name("unshare")
private func unshare(_ flags: Int32) -> Int32
private let umaskAndFolder: Int32 = 0x200  // CLONE_FS of <sched.h>

/// The permission bits of a file of mode 0o666 and of the folder that holds it, stored by a thread with this
/// umask.
private func modesStored(under mask: mode_t, sent: UInt16, in folder: TestFolder) -> [mode_t] {
  let result = Mutex<[mode_t]>([])
  let path = folder.path
  let done = DispatchSemaphore(value: 0)
  Thread {
    defer { done.signal() }
    guard unshare(umaskAndFolder) == 0 else { return }
    umask(mask)
    guard let store = try? PartStore(inboxPath: path + "/inbox", sessionID: 1),
      let file = try? put(store, "album/a.jpg", [1], mode: sent)
    else { return }
    var modes: [mode_t] = []
    for path in [file, path + "/inbox/album", path + "/inbox"] {
      var status = stat()
      if stat(path, &status) == 0 { modes.append(status.st_mode & 0o7777) }
    }
    result.withLock { $0 = modes }
  }.start()
  done.wait()
  return result.withLock { $0 }
}

@Suite struct PartStoreTests {
  @Test(arguments: [
    "a.jpg", "Zürich/日本語 😀.jpg", "a/b/c/d.jpg", " spaces .jpg", "-rf", String(repeating: "x", count: 255),
    String(repeating: "d", count: 255) + "/" + String(repeating: "x", count: 255),
  ])
  func deliversUnderAnyGoodName(name: String) throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path("in/box"), sessionID: 1)
    let bytes = sampleBytes(10_000)
    let path = try put(store, name, bytes)
    #expect(path == folder.path("in/box/") + name)
    #expect(readBytes(path) == bytes)
  }

  @Test func anEmptyFileArrives() throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    #expect(readBytes(try put(store, "empty.jpg", [])) == [])
  }

  @Test(arguments: [(0o644, 0o644), (0o755, 0o644), (0o400, 0o600)] as [(UInt16, mode_t)])
  func modeAndTimeAreTheSendersButNothingIsExecutable(sent: UInt16, stored: mode_t) throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    var status = stat()
    #expect(stat(try put(store, "a.jpg", [1], mode: sent), &status) == 0)
    #expect(status.st_mode & 0o7777 == stored)
    #expect(status.st_mtim.tv_sec == 1_600_000_000 && status.st_mtim.tv_nsec == 1)
  }

  /// This user's umask bounds what others may do, whatever the sender's mode is (a USB stick shows 0777).
  @Test(
    arguments: [
      (0o077, 0o666, [0o600, 0o700, 0o700]), (0o077, 0o777, [0o600, 0o700, 0o700]),
      (0o027, 0o666, [0o640, 0o750, 0o750]), (0o022, 0o600, [0o600, 0o755, 0o755]),
      (0o000, 0o644, [0o644, 0o777, 0o777]), (0o000, 0o777, [0o666, 0o777, 0o777]),
    ] as [(mode_t, UInt16, [mode_t])])
  func theUmaskHolds(mask: mode_t, sent: UInt16, stored: [mode_t]) {
    #expect(modesStored(under: mask, sent: sent, in: TestFolder()) == stored)
  }

  /// Any time that a manifest can carry is stored, or brought into the range of the file system.
  @Test(
    arguments: [
      (-1_500_000_000, -2, 500_000_000), (-1, -1, 999_999_999), (0, 0, 0),
      (Int64.max, 9_223_372_036, 854_775_807), (Int64.min, -9_223_372_037, 145_224_192),
    ] as [(Int64, Int, Int)])
  func anyTimeIsStored(nanoseconds: Int64, second: Int, rest: Int) throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    let entry = makeEntry("a.jpg", [], time: nanoseconds)
    try store.settle(file: 0, entry: entry)
    var status = stat()
    #expect(stat(try store.deliver(file: 0, entry: entry, checksum: 0), &status) == 0)
    // ext4 holds 1901 to 2446, others more.
    let isHeld = status.st_mtim.tv_sec == second && status.st_mtim.tv_nsec == rest
    #expect(isHeld || second < -2_147_483_648 && status.st_mtim.tv_sec == -2_147_483_648)
  }

  /// Parts are gone when the session is told to be over, though somebody still holds the store.
  @Test func closingRemovesThePartsAndKeepsTheFiles() throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    _ = try put(store, "a.jpg", [1])
    let bytes: [UInt8] = [2, 3]
    try bytes.span.withUnsafeBytes { raw throws(FileSetError) in try store.write(file: 1, offset: 0, raw) }
    store.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.jpg"])
  }

  @Test func anExistingFileIsKept() throws {
    let folder = TestFolder()
    folder.file("a.jpg", [9, 9, 9])
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    #expect(throws: FileSetError.alreadyExists(name: "a.jpg")) { try put(store, "a.jpg", [1, 2, 3]) }
    #expect(readBytes(folder.path("a.jpg")) == [9, 9, 9])
  }

  @Test func anExistingFileWithTheSameBytesCountsAsDelivered() throws {
    let folder = TestFolder()
    folder.file("a.jpg", [1, 2, 3])
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    #expect(try put(store, "a.jpg", [1, 2, 3]) == folder.path("a.jpg"))
    #expect(readBytes(store.partPath(ofFile: 0)) == nil)
  }

  @Test func overwriteReplaces() throws {
    let folder = TestFolder()
    folder.file("a.jpg", [9, 9, 9])
    let store = try PartStore(inboxPath: folder.path, sessionID: 1, overwrite: true)
    #expect(readBytes(try put(store, "a.jpg", [1, 2, 3])) == [1, 2, 3])
  }

  @Test(arguments: [false, true])
  func aFolderInTheWayStays(overwrite: Bool) throws {
    let folder = TestFolder()
    folder.folder("a.jpg")
    folder.file("a.jpg/inner")
    let store = try PartStore(inboxPath: folder.path, sessionID: 1, overwrite: overwrite)
    #expect(throws: FileSetError.self) { try put(store, "a.jpg", [1, 2, 3]) }
    #expect(folder.names(in: "a.jpg") == ["inner"])
  }

  /// Links that somebody planted in the inbox lead nowhere.
  @Test(arguments: [false, true])
  func plantedLinksDoNotLeadOut(overwrite: Bool) throws {
    let folder = TestFolder()
    let outside = TestFolder()
    outside.file("victim.jpg", [9])
    symlink(outside.path, folder.path("album"))
    symlink(outside.path("victim.jpg"), folder.path("a.jpg"))
    let store = try PartStore(inboxPath: folder.path, sessionID: 1, overwrite: overwrite)
    #expect(throws: FileSetError.self) { try put(store, "album/new.jpg", [1]) }
    #expect(throws: FileSetError.self) { try put(store, "album/deep/new.jpg", [1]) }
    if overwrite {
      #expect(readBytes(try put(store, "a.jpg", [1])) == [1])  // the link itself is replaced
    } else {
      #expect(throws: FileSetError.alreadyExists(name: "a.jpg")) { try put(store, "a.jpg", [1]) }
    }
    #expect(outside.names() == ["victim.jpg"])
    #expect(readBytes(outside.path("victim.jpg")) == [9])
  }

  @Test func namesOfWorkFoldersAreRefused() throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    #expect(
      throws: FileSetError.unsafeName(name: ".gallery-0/x", reason: ".gallery-… is this program's own")
    ) { try put(store, ".gallery-0/x", [1]) }
  }

  @Test func partsGoWithTheStore() throws {
    let folder = TestFolder()
    do {
      let store = try PartStore(inboxPath: folder.path, sessionID: 0xABC)
      _ = try put(store, "whole.jpg", [1])
      try [UInt8](repeating: 1, count: 9).span.withUnsafeBytes { raw throws(FileSetError) in
        try store.write(file: 1, offset: 100, raw)
      }
      #expect(folder.names() == [".gallery-0000000000000abc", "whole.jpg"])
      #expect(readBytes(store.partPath(ofFile: 1))?.count == 109)
      store.discard(file: 1)
      #expect(readBytes(store.partPath(ofFile: 1)) == nil)
    }
    #expect(folder.names() == ["whole.jpg"])
  }

  @Test func whatDeadSessionsLeftIsRemovedAndNothingElse() throws {
    let folder = TestFolder()
    folder.folder(".gallery-00000000000000aa")
    folder.file(".gallery-00000000000000aa/7.part", [1])
    folder.folder(".gallery-keep")
    folder.file(".gallery-keep/mine.txt", [1])
    folder.file("a.jpg")
    let living = try PartStore(inboxPath: folder.path, sessionID: 0xBB)
    try [UInt8](repeating: 1, count: 9).span.withUnsafeBytes { raw throws(FileSetError) in
      try living.write(file: 0, offset: 0, raw)
    }
    let twin = try PartStore(inboxPath: folder.path, sessionID: 0xBB)
    #expect(
      folder.names() == [
        ".gallery-00000000000000bb", ".gallery-00000000000000bb-1", ".gallery-keep", "a.jpg",
      ])
    #expect(readBytes(living.partPath(ofFile: 0))?.count == 9)
    #expect(folder.names(in: ".gallery-keep") == ["mine.txt"])
    #expect(twin.partPath(ofFile: 0) != living.partPath(ofFile: 0))
  }

  /// A dead session had reserved names by empty files (file systems without RENAME_NOREPLACE and links). Only
  /// those go.
  @Test func whatADeadSessionReservedIsWithdrawn() throws {
    let folder = TestFolder()
    let dead = ".gallery-00000000000000aa"
    folder.folder(dead)
    folder.folder("album")
    for (file, name) in ["album/reserved.jpg", "filled.jpg", "renamed.jpg", "link.jpg", "../out.jpg"]
      .enumerated()
    {
      folder.file("\(dead)/\(file).claim", Array(name.utf8))
      if name != "renamed.jpg" { folder.file("\(dead)/\(file).part", [1]) }
    }
    folder.file("album/reserved.jpg")
    folder.file("filled.jpg", [9])
    folder.file("renamed.jpg")
    folder.file("empty.jpg")
    symlink("empty.jpg", folder.path("link.jpg"))
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    #expect(folder.names(in: "album") == [])
    #expect(
      folder.names() == [
        ".gallery-0000000000000001", "album", "empty.jpg", "filled.jpg", "link.jpg", "renamed.jpg",
      ])
    #expect(store.inboxPath == folder.path)
  }

  @Test func anInboxThatCannotBeMade() {
    let folder = TestFolder()
    let file = folder.file("file")
    #expect(throws: FileSetError.cannotStore(path: file, errno: ENOTDIR)) {
      _ = try PartStore(inboxPath: file, sessionID: 1)
    }
    #expect(throws: FileSetError.self) { _ = try PartStore(inboxPath: file + "/inner", sessionID: 1) }
    #expect(throws: FileSetError.self) { _ = try PartStore(inboxPath: "/proc/none/inbox", sessionID: 1) }
  }

  /// A byte beyond the largest file that any of Linux's file systems takes: that file fails, the others do
  /// not.
  @Test func aFileTooLargeForTheFileSystem() throws {
    let folder = TestFolder()
    let store = try PartStore(inboxPath: folder.path, sessionID: 1)
    for offset in [UInt64(Int64.max) - 100, 0] {
      try [UInt8](repeating: 1, count: 9).span.withUnsafeBytes { raw throws(FileSetError) in
        try store.write(file: 0, offset: offset, raw)
      }
    }
    let entry = makeEntry("large.jpg", [])
    try store.settle(file: 0, entry: entry)
    #expect(throws: FileSetError.diskFull(path: folder.path("large.jpg"), errno: EFBIG)) {
      try store.deliver(file: 0, entry: entry, checksum: 0)
    }
    #expect(readBytes(try put(store, "small.jpg", [1, 2], file: 1)) == [1, 2])
    #expect(folder.names() == [".gallery-0000000000000001", "small.jpg"])
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
  func aFullDiskIsNamed() throws {
    let folder = TestFolder()
    let small = folder.folder("small")
    try #require(mount("tmpfs", small, "tmpfs", 0, "size=64k") == 0, "mount refused: \(errno)")
    defer { umount2(small, detach) }
    let store = try PartStore(inboxPath: small, sessionID: 1)
    #expect(
      throws: FileSetError.notEnoughSpace(path: small, neededByteCount: 1 << 20, availableByteCount: 1 << 16)
    ) {
      try store.checkFreeSpace(byteCount: 1 << 20)
    }
    let error = #expect(throws: FileSetError.self) {
      try sampleBytes(1 << 17).span.withUnsafeBytes { raw throws(FileSetError) in
        try store.write(file: 0, offset: 0, raw)
      }
    }
    #expect(error == .diskFull(path: small, errno: ENOSPC))
    #expect(error?.isStorageFailure == true)
  }
}
