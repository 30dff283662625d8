import FileSet
import Glibc
import Testing

/// The calling thread's identity for file access alone; glibc keeps it to the thread.
@_silgen_name("setfsuid") @discardableResult
private func setfsuid(_ user: UInt32) -> Int32

/// Makes a file whose name need not be UTF-8.
private func makeFile(_ folder: TestFolder, _ name: [UInt8]) {
  let path = Array(folder.path.utf8) + [UInt8(ascii: "/")] + name + [0]
  path.withUnsafeBufferPointer { bytes in
    bytes.withMemoryRebound(to: CChar.self) { path in
      guard let path = path.baseAddress else { return }
      close(creat(path, 0o644))
    }
  }
}

/// One bad item does not keep the others here: it is left out, and a notice says so.
@Suite struct LeftOutTests {
  private func scan(_ folder: TestFolder, _ options: ScanOptions = ScanOptions()) throws -> ScannedSet {
    let set = try FileScanner.scan(folder.path, options: options)
    #expect(set.manifest.entries.map(\.name) == ["good.jpg"])
    return set
  }

  /// What is no file cannot be sent at all, and the set is whole without it.
  @Test(arguments: ["pipe", "socket", "link to nothing", "link to itself", "link to a pipe"])
  func whatIsNoFile(kind: String) throws {
    let folder = TestFolder()
    folder.file("good.jpg")
    let path = folder.path("bad.jpg")
    switch kind {
    case "pipe": mkfifo(path, 0o644)
    case "socket": mknod(path, S_IFSOCK | 0o644, 0)
    case "link to nothing": symlink("/nowhere/at/all.jpg", path)
    case "link to itself": symlink("bad.jpg", path)
    default:
      mkfifo(folder.path("pipe"), 0o644)
      symlink("pipe", path)
    }
    let leadsNowhere = kind == "link to nothing" || kind == "link to itself"
    let error: FileSetError =
      leadsNowhere
      ? .danglingLink(path: path) : .notRegular(path: path, kind: kind == "socket" ? "a socket" : "a pipe")
    let set = try scan(folder)
    #expect(set.notices == ["left out: \(error)"])
    #expect(set.shortfall == nil)
    unlink(folder.path("good.jpg"))
    #expect(throws: error) { try FileScanner.scan(folder.path) }
  }

  /// Nothing can be sent: the first reason is named, and how many there are beside it.
  @Test(arguments: [1, 2, 4]) func onlyBadItems(count: Int) throws {
    let folder = TestFolder()
    for number in 0..<count { mkfifo(folder.path("\(number).jpg"), 0o644) }
    var text = ""
    do { _ = try FileScanner.scan(folder.path) } catch { text = "\(error)" }
    #expect(text.contains("0.jpg"), "\(text)")
    #expect(text.contains(" (and \(count - 1) more)") == (count > 1), "\(text)")
  }

  @Test func aNameThatIsNotUTF8() throws {
    let folder = TestFolder()
    folder.file("good.jpg")
    makeFile(folder, [UInt8(ascii: "a"), 0xFF] + Array(".jpg".utf8))
    makeFile(folder, [0xFE] + Array(".txt".utf8))
    let error = FileSetError.nameNotUTF8(path: folder.path("a\\xff.jpg"))
    let set = try scan(folder)
    #expect(set.notices == ["left out: \(error)", "1 other file (.txt) is left out; --all sends it"])
    #expect(set.shortfall == "\(error)")
    unlink(folder.path("good.jpg"))
    #expect {
      try FileScanner.scan(folder.path)
    } throws: { "\($0)".contains("not UTF-8") && "\($0)".contains("--all") }
  }

  @Test func filesAndFoldersWithoutPermission() throws {
    let folder = TestFolder()
    chmod(folder.path, 0o755)
    folder.file("good.jpg")
    folder.file("bad.jpg", [1], mode: 0o000)
    folder.folder("closed")
    chmod(folder.path("closed"), 0o000)
    if geteuid() == 0 { setfsuid(65_534) }
    defer { if geteuid() == 0 { setfsuid(0) } }
    let set = try scan(folder, ScanOptions(recursive: true))
    let errors = ["bad.jpg", "closed"].map { FileSetError.cannotRead(path: folder.path($0), errno: EACCES) }
    #expect(set.notices == errors.map { "left out: \($0)" })
    #expect(set.shortfall.map { $0.hasSuffix(" (and 1 more)") } == true)
    #expect(throws: errors[0]) { try FileScanner.scan(folder.path("bad.jpg")) }
    #expect(throws: errors[1]) { try FileScanner.scan(folder.path("closed")) }
  }

  /// Names that are too long for a path, made from within.
  @Test func pathsThatAreTooLong() throws {
    let folder = TestFolder()
    folder.file("good.jpg")
    let component = String(repeating: "d", count: 250)
    var parent = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var descriptors = [parent]
    for _ in 0..<17 {
      mkdirat(parent, component, 0o755)
      parent = openat(parent, component, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      descriptors.append(parent)
    }
    close(openat(parent, "deep.jpg", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
    defer {
      unlinkat(descriptors[17], "deep.jpg", 0)
      for depth in (0..<17).reversed() { unlinkat(descriptors[depth], component, AT_REMOVEDIR) }
      for descriptor in descriptors { close(descriptor) }
    }
    let flat = try scan(folder)
    #expect(flat.notices == ["1 file in 1 sub-folder is left out; --recursive sends it"])
    let deep = try scan(folder, ScanOptions(recursive: true))
    #expect(deep.notices.count == 1 && deep.notices[0].contains("too long"))
    #expect(deep.shortfall != nil)
  }

  @Test func tenLinesAndTheNumberOfTheRest() throws {
    let folder = TestFolder()
    folder.file("good.jpg")
    for index in 10..<23 { mkfifo(folder.path("\(index).jpg"), 0o644) }
    let set = try scan(folder)
    #expect(set.notices.count == 11)
    #expect(set.notices[0].contains("10.jpg") && set.notices[9].contains("19.jpg"))
    #expect(set.notices[10] == "left out: 3 more")
  }

  /// A camera's card: the pictures lie in sub-folders.
  @Test func subFoldersAndOtherFiles() throws {
    let folder = TestFolder()
    for name in ["100CANON", "101CANON", "101CANON/inner", "empty", "text"] { folder.folder(name) }
    for name in [
      "100CANON/a.jpg", "100CANON/b.JPG", "101CANON/inner/c.jfif", "text/notes.txt", "101CANON/video.mov",
    ] {
      folder.file(name)
    }
    let hint = "3 files in 2 sub-folders are left out; --recursive sends them"
    #expect(throws: FileSetError.noImages(path: folder.path, hint: hint)) {
      try FileScanner.scan(folder.path)
    }
    for name in ["good.jpg", "a.png", "b.PNG", "c.txt", "d.mov", "README", ".DS_Store"] { folder.file(name) }
    #expect(
      try scan(folder).notices == [
        hint, "2 other images (.png) and 3 other files (.mov, .txt) are left out; --all sends them",
      ])
    let all = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true, verb: "shows"))
    #expect(all.notices == ["5 files in 4 sub-folders are left out; --recursive shows them"])
    let deep = try FileScanner.scan(folder.path, options: ScanOptions(recursive: true))
    #expect(
      deep.notices == ["2 other images (.png) and 5 other files (.mov, .txt) are left out; --all sends them"])
    let whole = try FileScanner.scan(folder.path, options: ScanOptions(allFiles: true, recursive: true))
    #expect(whole.notices.isEmpty && whole.manifest.entries.count == 12)
    let plain = try FileScanner.scan(folder.path, options: ScanOptions(offersRecursive: false))
    #expect(plain.notices[0] == "3 files in 2 sub-folders are left out")
  }

  @Test func subFoldersWithoutImages() throws {
    let folder = TestFolder()
    folder.file("good.jpg")
    folder.folder("text")
    folder.file("text/notes.txt")
    #expect(
      try scan(folder).notices == ["1 file in 1 sub-folder is left out; --all --recursive sends it"])
  }

  @Test func nothingToSend() {
    let folder = TestFolder()
    folder.file("a.png")
    for name in ["none", "a.png/x"] {
      #expect(throws: FileSetError.noSuchFolder(path: folder.path(name))) {
        try FileScanner.scan(folder.path(name))
      }
    }
    #expect(
      throws: FileSetError.noImages(
        path: folder.path, hint: "1 other image (.png) is left out; --all sends it")
    ) { try FileScanner.scan(folder.path) }
    let empty = folder.folder("empty")
    for options in [ScanOptions(allFiles: true), ScanOptions()] {
      #expect {
        try FileScanner.scan(empty, options: options)
      } throws: { "\($0)".hasSuffix(" in \(empty); name a folder that holds some") }
    }
    #expect(throws: FileSetError.notAFolder(path: "/dev/null")) { try FileScanner.scan("/dev/null") }
  }
}
