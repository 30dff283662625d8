import FileSet
import Foundation
import Glibc
import Testing

/// The calling thread's identity for file access alone; glibc keeps it to the thread.
@_silgen_name("setfsuid") @discardableResult
private func setfsuid(_ user: UInt32) -> Int32

/// MS_REMOUNT | MS_RDONLY of <sys/mount.h>.
private let remountReadOnly: UInt = 33

@Suite struct InboxTrialTests {
  @Test(arguments: [false, true])
  func aGoodFolderIsMadeAndLeftEmpty(overwrite: Bool) throws {
    let folder = TestFolder()
    try InboxTrial.run(inboxPath: folder.path("new/inbox"), overwrite: overwrite)
    #expect(folder.names() == ["new"])
    #expect(folder.names(in: "new/inbox") == [])
  }

  @Test func aFileInTheWay() {
    let folder = TestFolder()
    let file = folder.file("README.md", [1])
    for path in [file, file + "/sub", file + "/sub/deep"] {
      #expect(throws: FileSetError.unusableInbox(path: path, step: .openFolder, errno: ENOTDIR)) {
        try InboxTrial.run(inboxPath: path)
      }
    }
    #expect(readBytes(file) == [1])
  }

  @Test func aFileSystemWithoutPlaceForFiles() {
    #expect(throws: FileSetError.unusableInbox(path: "/proc/x", step: .openFolder, errno: ENOENT)) {
      try InboxTrial.run(inboxPath: "/proc/x")
    }
    #expect(throws: FileSetError.unusableInbox(path: "/proc", step: .makeFile, errno: ENOENT)) {
      try InboxTrial.run(inboxPath: "/proc")
    }
  }

  @Test func aFolderWithoutPermission() {
    let folder = TestFolder()
    chmod(folder.path, 0o755)
    let inbox = folder.folder("inbox")
    chmod(inbox, 0o555)
    if geteuid() == 0 { setfsuid(65_534) }
    defer { if geteuid() == 0 { setfsuid(0) } }
    #expect(throws: FileSetError.unusableInbox(path: inbox, step: .makeFile, errno: EACCES)) {
      try InboxTrial.run(inboxPath: inbox)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a file system needs root"))
  func aFullAndAReadOnlyFileSystem() throws {
    let folder = TestFolder()
    let small = folder.folder("small")
    try #require(mount("tmpfs", small, "tmpfs", 0, "size=16k") == 0, "mount refused: \(errno)")
    defer { umount2(small, detach) }
    let descriptor = open(small + "/full", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    while write(descriptor, sampleBytes(4_096), 4_096) > 0 {}
    close(descriptor)
    let error = #expect(throws: FileSetError.self) { try InboxTrial.run(inboxPath: small) }
    #expect(error == .unusableInbox(path: small, step: .write, errno: ENOSPC))
    #expect(error?.isStorageFailure == true)
    try #require(mount("tmpfs", small, "tmpfs", remountReadOnly, nil) == 0, "remount refused: \(errno)")
    #expect(throws: FileSetError.unusableInbox(path: small, step: .makeFile, errno: EROFS)) {
      try InboxTrial.run(inboxPath: small)
    }
    #expect(listNames(small) == ["full"])
  }

  @Test func whatACrashedTrialLeftIsRemovedButNotWhatALiveOneHas() throws {
    let folder = TestFolder()
    let living = try PartStore(inboxPath: folder.path, sessionID: 0xBB)
    folder.file(".gallery-00000000000000bb.trial", [1])
    folder.file(".gallery-00000000000000aa.trial", [1])
    folder.file("a.trial", [1])
    try InboxTrial.run(inboxPath: folder.path)
    #expect(
      folder.names() == [".gallery-00000000000000bb", ".gallery-00000000000000bb.trial", "a.trial"])
    #expect(living.inboxPath == folder.path)
  }
}
