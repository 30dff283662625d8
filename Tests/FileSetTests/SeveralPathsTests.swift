import FileSet
import Glibc
import Testing

/// Several files and folders on the command line are one set.
@Suite struct SeveralPathsTests {
  private func sample() -> TestFolder {
    let folder = TestFolder()
    for name in ["a", "b", "b/inner"] { folder.folder(name) }
    for (index, name) in ["a/1.jpg", "a/2.jpg", "b/3.jpg", "b/1.jpg", "b/inner/4.jpg", "c.txt", "z.jpg"]
      .enumerated()
    {
      folder.file(name, [UInt8](repeating: UInt8(index), count: index))
    }
    return folder
  }

  @Test func filesByTheirBaseNameAndFoldersByTheirOwnRoot() throws {
    let folder = sample()
    let set = try FileScanner.scan(
      [folder.path("z.jpg"), folder.path("b"), folder.path("c.txt"), folder.path("a/2.jpg")],
      options: ScanOptions(recursive: true))
    #expect(set.manifest.entries.map(\.name) == ["1.jpg", "2.jpg", "3.jpg", "c.txt", "inner/4.jpg", "z.jpg"])
    #expect(
      set.manifest.entries.indices.map { set.path(ofFile: $0) }
        == ["b/1.jpg", "a/2.jpg", "b/3.jpg", "c.txt", "b/inner/4.jpg", "z.jpg"].map { folder.path($0) })
    #expect(set.notices.isEmpty && set.shortfall == nil)
  }

  /// What is sent are the bytes of the right file.
  @Test func eachFileIsReadFromItsOwnFolder() throws {
    let folder = sample()
    let set = try FileScanner.scan(["b", "a", "z.jpg"].map { folder.path($0) })
    let source = try SetSource(set, chunkByteCount: 100)
    let chunks = readAllChunks(source)
    for (file, entry) in set.manifest.entries.enumerated() {
      let read = source.layout.chunks(ofFile: file).flatMap { chunks[Int($0)].payload }
      #expect(read == withDigest(try #require(readBytes(set.path(ofFile: file)))), "\(entry.name)")
    }
  }

  @Test func ofTwoFilesWithOneNameTheFirstStays() throws {
    let folder = sample()
    for (paths, first, second) in [(["a", "b"], "a/1.jpg", "b/1.jpg"), (["b", "a"], "b/1.jpg", "a/1.jpg")] {
      let set = try FileScanner.scan(paths.map { folder.path($0) })
      #expect(set.manifest.entries.map(\.name) == ["1.jpg", "2.jpg", "3.jpg"])
      #expect(set.path(ofFile: 0) == folder.path(first))
      let error = FileSetError.nameTwice(first: folder.path(first), second: folder.path(second))
      #expect(set.notices.first == "left out: \(error)")
      #expect(set.shortfall == "\(error)")
    }
  }

  @Test func theSameFileTwiceIsOne() throws {
    let folder = sample()
    let paths = ["a", "a/1.jpg", "a/1.jpg", "a"].map { folder.path($0) }
    let set = try FileScanner.scan(paths + [folder.path("./a")])
    #expect(set.manifest.entries.map(\.name) == ["1.jpg", "2.jpg"])
    #expect(set.notices.isEmpty && set.shortfall == nil)
  }

  /// A mistyped operand is reported before anything is sent. Other items that a shell's *.jpg may name are
  /// left out.
  @Test func badOperands() throws {
    let folder = sample()
    symlink("nowhere", folder.path("gone.jpg"))
    mkfifo(folder.path("pipe.jpg"), 0o644)
    #expect(throws: FileSetError.noSuchFolder(path: folder.path("none.jpg"))) {
      try FileScanner.scan([folder.path("z.jpg"), folder.path("none.jpg")])
    }
    let set = try FileScanner.scan(
      ["gone.jpg", "pipe.jpg", "caf\u{FFFD}.jpg", "z.jpg"].map { folder.path($0) })
    #expect(set.manifest.entries.map(\.name) == ["z.jpg"])
    #expect(set.notices.count == 3)
    #expect(set.shortfall == "\(FileSetError.nameNotUTF8(path: folder.path("caf\u{FFFD}.jpg")))")
    #expect(throws: FileSetError.self) {
      try FileScanner.scan(["gone.jpg", "pipe.jpg"].map { folder.path($0) })
    }
  }

  /// Names that Swift holds for equal, but no Linux file system does.
  @Test func foldersThatDifferInUnicodeForm() throws {
    let folder = TestFolder()
    for (name, file) in [("e\u{301}", "1.jpg"), ("\u{E9}", "2.jpg")] {
      folder.folder(name)
      folder.file("\(name)/\(file)")
    }
    let set = try FileScanner.scan([folder.path("e\u{301}"), folder.path("\u{E9}")])
    #expect(set.manifest.entries.indices.allSatisfy { readBytes(set.path(ofFile: $0)) != nil })
  }
}
