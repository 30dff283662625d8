import FileSet
import Glibc
import Testing

@Suite struct FileScannerTests {
  @Test func imagesOnlyUnlessAllFilesAreAskedFor() throws {
    let folder = TestFolder()
    let others = ["e.png", "jpg", "f.jpg.txt", ".jpg", "g.ajpg", "h.jpg ", "i.jpgé", "j."]
    let images = ["A.JPG", "b.jpg", "c.JpEg", "d.jpeg", "k.jfif", "l.JPE", "..jpg", ".m.jpg"]
    for name in others + images { folder.file(name) }
    #expect(try FileScanner.scan(folder.path).manifest.entries.map(\.name) == images.sorted())
    let all = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true))
    #expect(all.manifest.entries.count == others.count + images.count)
    #expect(all.path(ofFile: 0) == folder.path(all.manifest.entries[0].name))
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

  @Test(
    arguments: [
      (Int.max, Int64.max), (9_223_372_037, Int64.max), (-9_223_372_038, Int64.min), (Int.min, Int64.min),
      (-1, -999_999_999), (-2_000_000_000, -1_999_999_999_999_999_999),
    ] as [(Int, Int64)])
  func timesBeyond64BitsAreTheNearest(seconds: Int, nanoseconds: Int64) throws {
    let folder = TestFolder()
    let path = folder.file("a.jpg")
    let times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 1)]
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    var status = stat()
    #expect(stat(path, &status) == 0)
    let entry = try #require(try FileScanner.scan(folder.path).manifest.entries.first)
    // The file system may have brought the time into its own range.
    if status.st_mtim.tv_sec == seconds {
      #expect(entry.modificationTimeNanoseconds == nanoseconds)
    } else {
      #expect(entry.modificationTimeNanoseconds.signum() == nanoseconds.signum())
    }
  }

  @Test func aSingleFileOfAnyKind() throws {
    let folder = TestFolder()
    let set = try FileScanner.scan(folder.file("notes.txt", [1, 2]))
    #expect(set.path(ofFile: 0) == folder.path("notes.txt"))
    #expect(set.manifest.entries.map(\.name) == ["notes.txt"])
  }

  @Test func linksToFilesAreFollowedAndLinksToFoldersAreNot() throws {
    let folder = TestFolder()
    let elsewhere = TestFolder()
    elsewhere.file("hidden.jpg")
    #expect(symlink(elsewhere.file("original", [1, 2, 3]), folder.path("link.jpg")) == 0)
    #expect(symlink(elsewhere.path, folder.path("album")) == 0)
    for recursive in [false, true] {
      let set = try FileScanner.scan(folder.path, options: ScanOptions(recursive: recursive))
      #expect(set.manifest.entries.map(\.name) == ["link.jpg"])
      #expect(set.manifest.fileByteCount == 3)
      #expect(
        set.notices == [
          "left out: \(folder.path("album")) is a link to a folder, and such links are not followed; "
            + "only regular files are taken"
        ])
      #expect(set.shortfall == nil)
    }
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

  @Test func ownWorkFoldersAreNotSent() throws {
    let folder = TestFolder()
    folder.file("a.jpg")
    folder.folder(".gallery-0123")
    folder.file(".gallery-0123/0.part")
    folder.file(".gallery-0123.trial")
    let set = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true, recursive: true))
    #expect(set.manifest.entries.map(\.name) == ["a.jpg"])
    #expect(set.notices.count == 1 && set.shortfall == nil)
  }
}
