import FileSet
import Glibc
import Testing

/// The calling thread's identity for file access alone; glibc keeps it to the thread.
@_silgen_name("setfsuid") @discardableResult
private func setfsuid(_ user: UInt32) -> Int32

@Suite struct FileScannerTests {
  @Test func imagesOnlyUnlessAllFilesAreAskedFor() throws {
    let folder = TestFolder()
    for name in ["b.jpg", "A.JPG", "c.JpEg", "d.jpeg", "e.png", "jpg", "f.jpg.txt", ".jpg", "g.ajpg"] {
      folder.file(name)
    }
    #expect(
      try FileScanner.scan(folder.path).manifest.entries.map(\.name) == [
        "A.JPG", "b.jpg", "c.JpEg", "d.jpeg",
      ])
    let all = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true))
    #expect(all.manifest.entries.count == 9)
    #expect(all.rootPath == folder.path)
  }

  @Test func sizeTimeAndModeAreTheFiles() throws {
    let folder = TestFolder()
    let path = folder.file("a.jpg", sampleBytes(1_234), mode: 0o640)
    let times = [timespec(tv_sec: 5, tv_nsec: 6), timespec(tv_sec: 1_700_000_000, tv_nsec: 123_456_789)]
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    let entry = try #require(try FileScanner.scan(folder.path).manifest.entries.first)
    #expect(
      entry
        == ManifestEntry(
          byteCount: 1_234, modificationTimeNanoseconds: 1_700_000_000_123_456_789, mode: 0o640, name: "a.jpg"
        ))
  }

  @Test func aSingleFileOfAnyKind() throws {
    let folder = TestFolder()
    let set = try FileScanner.scan(folder.file("notes.txt", [1, 2]))
    #expect(set.rootPath == folder.path)
    #expect(set.manifest.entries.map(\.name) == ["notes.txt"])
  }

  @Test func foldersOnlyWhenAskedFor() throws {
    let folder = TestFolder()
    folder.file("a.jpg")
    folder.folder("inner")
    folder.folder("inner/deep")
    folder.file("inner/b.jpg")
    folder.file("inner/deep/c.jpg")
    folder.folder("album.jpg")
    let flat = try FileScanner.scan(folder.path)
    #expect(flat.manifest.entries.map(\.name) == ["a.jpg"])
    #expect(flat.warnings == ["the folder album.jpg is left out; --recursive sends what is in it"])
    let deep = try FileScanner.scan(folder.path, options: ScanOptions(recursive: true))
    #expect(deep.manifest.entries.map(\.name) == ["a.jpg", "inner/b.jpg", "inner/deep/c.jpg"])
    #expect(deep.warnings.isEmpty)
  }

  @Test func linksToFilesAreFollowedAndLinksToFoldersAreNot() throws {
    let folder = TestFolder()
    let elsewhere = TestFolder()
    elsewhere.file("hidden.jpg")
    #expect(symlink(elsewhere.file("original", [1, 2, 3]), folder.path("link.jpg")) == 0)
    #expect(symlink(elsewhere.path, folder.path("folder.jpg")) == 0)
    let set = try FileScanner.scan(folder.path, options: ScanOptions(recursive: true))
    #expect(set.manifest.entries.map(\.name) == ["link.jpg"])
    #expect(set.manifest.fileByteCount == 3)
    #expect(set.warnings == ["the folder folder.jpg is left out; links to folders are not followed"])
  }

  @Test func namesOfAllKinds() throws {
    let folder = TestFolder()
    let names = [
      " leading and inner spaces .jpg", "-rf.jpg", "Zürich 日本語 😀.jpg", "e\u{301}.jpg",
      String(repeating: "x", count: 251) + ".jpg",
    ]
    for name in names { folder.file(name) }
    let scanned = try FileScanner.scan(folder.path).manifest.entries.map(\.name)
    #expect(
      scanned.map { Array($0.utf8) }
        == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { Array($0.utf8) })
    #expect(scanned.contains { $0.utf8.count == 255 })
  }

  @Test(arguments: [
    ("A.jpg", "a.jpg"), ("e\u{301}.jpg", "\u{E9}.jpg"), ("É.jpg", "e\u{301}.jpg"),
    ("straße.jpg", "STRASSE.jpg"),
    ("σ.jpg", "ς.jpg"),
  ])
  func namesThatAreOneElsewhereAreTwoHere(first: String, second: String) throws {
    let folder = TestFolder()
    folder.file(first)
    folder.file(second)
    let names = try FileScanner.scan(folder.path).manifest.entries.map(\.name)
    // As bytes: Swift holds some of these pairs for equal.
    #expect(Set(names.map { Array($0.utf8) }) == Set([first, second].map { Array($0.utf8) }))
  }

  @Test func nothingToSend() {
    let folder = TestFolder()
    folder.file("a.png")
    #expect(throws: FileSetError.noSuchFolder(path: folder.path("none"))) {
      try FileScanner.scan(folder.path("none"))
    }
    #expect(throws: FileSetError.noSuchFolder(path: folder.path("a.png/x"))) {
      try FileScanner.scan(folder.path("a.png/x"))
    }
    #expect(throws: FileSetError.noImages(path: folder.path)) { try FileScanner.scan(folder.path) }
    let empty = folder.folder("empty")
    #expect(throws: FileSetError.noFiles(path: empty)) {
      try FileScanner.scan(empty, options: ScanOptions(allFiles: true))
    }
    #expect(throws: FileSetError.notAFolder(path: "/dev/null")) { try FileScanner.scan("/dev/null") }
  }

  @Test func aNameThatIsNotUTF8IsShownEscaped() {
    let folder = TestFolder()
    let bytes: [CChar] = Array((folder.path + "/a").utf8CString.dropLast()) + [-1] + Array(".jpg".utf8CString)
    close(creat(bytes, 0o644))
    defer { unlink(bytes) }
    #expect(throws: FileSetError.nameNotUTF8(path: folder.path("a\\xff.jpg"))) {
      try FileScanner.scan(folder.path)
    }
  }

  @Test func aDanglingLinkCannotBeRead() {
    let folder = TestFolder()
    symlink("/nowhere/at/all.jpg", folder.path("a.jpg"))
    #expect(throws: FileSetError.cannotRead(path: folder.path("a.jpg"), errno: ENOENT)) {
      try FileScanner.scan(folder.path)
    }
  }

  @Test func aPipeIsLeftOutWithAWarningAndDoesNotBlock() throws {
    let folder = TestFolder()
    folder.file("a.jpg")
    mkfifo(folder.path("pipe.jpg"), 0o644)
    let set = try FileScanner.scan(folder.path)
    #expect(set.manifest.entries.map(\.name) == ["a.jpg"])
    #expect(set.warnings == ["pipe.jpg is left out: not a regular file"])
  }

  @Test func filesWithoutPermissionAreNamed() {
    let folder = TestFolder()
    chmod(folder.path, 0o755)
    folder.file("a.jpg", [1], mode: 0o000)
    if geteuid() == 0 { setfsuid(65_534) }
    defer { if geteuid() == 0 { setfsuid(0) } }
    #expect(throws: FileSetError.cannotRead(path: folder.path("a.jpg"), errno: EACCES)) {
      try FileScanner.scan(folder.path)
    }
  }

  @Test func ownWorkFoldersAreNotSent() throws {
    let folder = TestFolder()
    folder.file("a.jpg")
    folder.folder(".gallery-0123")
    folder.file(".gallery-0123/0.part")
    let set = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true, recursive: true))
    #expect(set.manifest.entries.map(\.name) == ["a.jpg"])
  }
}
