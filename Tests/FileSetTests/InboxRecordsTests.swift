import Checksum
import FileSet
import Glibc
import Ground
import Testing
import Wire

/// A sender's folder, an inbox, and the user's cache, for sessions one after the other.
private struct Sessions {
  let sent = TestFolder()
  let inbox = TestFolder()
  let cache = TestFolder()

  init() {
    sent.folder("folder")
    for (name, bytes) in Self.files { sent.file(name, bytes) }
  }

  static let files: [(String, [UInt8])] = [
    ("a.jpg", sampleBytes(9_500, seed: 1)), ("b.jpg", sampleBytes(2_998, seed: 2)), ("empty.jpg", []),
    ("folder/ü.jpg", sampleBytes(4_000, seed: 3)),
  ]

  /// A session, and the chunks of its set.
  func session(
    chunkByteCount: Int = 1_000, resumes: Bool = true, overwrite: Bool = true, verifies: Bool = false
  ) throws -> (ReceivedSet, [SentChunk]) {
    let scanned = try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true, recursive: true))
    let source = try SetSource(scanned, chunkByteCount: chunkByteCount)
    let set = try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(
        inboxPath: inbox.path, key: PartKey(shape: source.shape, identity: source.identity), resumes: resumes,
        overwrite: overwrite, recordsPath: cache.path("records"), verifies: verifies))
    return (set, readAllChunks(source))
  }

  /// A session in which the sender leaves out what the receiver has. Returns the names of the files that were
  /// sent, and checks that all are there.
  @discardableResult
  func receive(
    chunkByteCount: Int = 1_000, resumes: Bool = true, isManifestLast: Bool = false, readsBack: Bool = true
  ) throws -> [String] {
    let (set, chunks) = try session(chunkByteCount: chunkByteCount, resumes: resumes)
    var held: Set<UInt64> = []
    let manifestCount = Int(set.shape.manifestChunkCount)
    let order = isManifestLast ? chunks.dropFirst(manifestCount) + chunks.prefix(manifestCount) : chunks[...]
    var given: Set<UInt64> = []
    for chunk in order where !held.contains(UInt64(chunk.index)) {
      try #require(set.accept(chunk) == .accepted)
      given.insert(UInt64(chunk.index))
      held.formUnion(set.takeRecognised().joined())
    }
    #expect(set.hasAllChunks && set.acceptedChunkCount == set.shape.chunkCount)
    let outcome = try #require(set.settle())
    let entries = try #require(set.manifest).entries
    #expect(outcome.isWhole && outcome.verifiedFileCount == entries.count, "\(outcome)")
    #expect(set.drainEvents().count == 1 + 2 * entries.count)
    let layout = try #require(set.layout)
    for (file, entry) in entries.enumerated() {
      let bytes = try #require(readBytes(sent.path(entry.name)))
      #expect(readBytes(inbox.path(entry.name)) == bytes, "\(entry.name)")
      if readsBack { expectReadBack(set, layout.chunks(ofFile: file), withDigest(bytes)) }
    }
    #expect(!set.close(keepsParts: true))
    #expect(inbox.names().allSatisfy { !$0.hasPrefix(".") }, "\(inbox.names())")
    return entries.indices.filter {
      entries[$0].byteCount > 0 && Set(layout.chunks(ofFile: $0)).subtracting(held).isSubset(of: given)
        && Set(layout.chunks(ofFile: $0)).isDisjoint(with: held)
    }.map { entries[$0].name }
  }

  /// Blocks of parity are rebuilt from what is here, wherever it came from.
  private func expectReadBack(_ set: ReceivedSet, _ chunks: Range<UInt64>, _ bytes: [UInt8]) {
    var read: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: set.shape.chunkByteCount)
    for chunk in chunks {
      let count = buffer.withUnsafeMutableBytes { set.readBack(UInt32(chunk), into: $0) }
      read += buffer.prefix(count ?? 0)
    }
    #expect(read == bytes)
  }

  /// The file of this inbox: the only one with a name of 32 digits.
  var recordsName: String { cache.names(in: "records").first { $0.count == 32 } ?? "none" }
  var recordsFile: String { cache.path("records/\(recordsName)") }
}

private let all = ["a.jpg", "b.jpg", "folder/ü.jpg"]

/// Files that a whole session brought are not sent again, Specs/resume.md §7.
@Suite struct InboxRecordsTests {
  @Test(arguments: [1_000, 30_000, 7], [false, true])
  func theSameSetIsRecognised(chunkByteCount: Int, isManifestLast: Bool) throws {
    let sessions = Sessions()
    #expect(try sessions.receive() == all)
    let inode = status(sessions.inbox.path("a.jpg")).st_ino
    #expect(try sessions.receive(chunkByteCount: chunkByteCount, isManifestLast: isManifestLast) == [])
    #expect(status(sessions.inbox.path("a.jpg")).st_ino == inode)
    #expect(try sessions.receive(resumes: false) == all)
    #expect(try sessions.receive() == [])
  }

  @Test func onlyWhatIsNewOrChangedIsSent() throws {
    let sessions = Sessions()
    try sessions.receive()
    sessions.sent.file("b.jpg", sampleBytes(2_998, seed: 8))
    sessions.sent.file("c.jpg", sampleBytes(1_234, seed: 9))
    unlink(sessions.sent.path("a.jpg"))
    #expect(try sessions.receive() == ["b.jpg", "c.jpg"])
    #expect(try sessions.receive() == [])
  }

  /// Whatever happens to the inbox's file, also when its size and its time stay.
  @Test(arguments: [
    "removed", "changed", "changed with its old time", "a copy", "a link", "touched", "in a link",
  ])
  func aFileThatChangedInTheInboxIsSent(_ change: String) throws {
    let sessions = Sessions()
    try sessions.receive()
    let path = sessions.inbox.path(change == "in a link" ? "folder/ü.jpg" : "a.jpg")
    let before = status(path)
    let bytes = try #require(readBytes(path))
    switch change {
    case "removed": unlink(path)
    case "changed", "changed with its old time":
      let file = open(path, O_WRONLY)
      pwrite(file, [bytes[7] ^ 1], 1, 7)
      if change != "changed" { futimens(file, [before.st_atim, before.st_mtim]) }
      close(file)
    case "a copy":
      unlink(path)
      sessions.inbox.file("a.jpg", bytes)
      utimensat(AT_FDCWD, path, [before.st_atim, before.st_mtim], 0)
    case "a link":
      rename(path, sessions.inbox.path("elsewhere"))
      symlink("elsewhere", path)
    case "in a link":
      rename(sessions.inbox.path("folder"), sessions.inbox.path("elsewhere"))
      symlink("elsewhere", sessions.inbox.path("folder"))
    default: utimensat(AT_FDCWD, path, nil, 0)
    }
    if change == "in a link" {
      let (set, chunks) = try sessions.session()
      for chunk in chunks.prefix(Int(set.shape.manifestChunkCount)) { _ = try set.accept(chunk) }
      #expect(set.takeRecognised().count == 2)
    } else {
      #expect(try sessions.receive() == ["a.jpg"], "\(change)")
    }
  }

  /// A file of the same bytes that was there before is known from its first verification on, whatever its
  /// time.
  @Test func aFileThatWasThereBeforeIsRecognisedTheSecondTime() throws {
    let sessions = Sessions()
    sessions.inbox.file("a.jpg", Sessions.files[0].1)
    let (set, chunks) = try sessions.session(overwrite: false)
    for chunk in chunks { _ = try set.accept(chunk) }
    #expect(try #require(set.settle()).isWhole)
    _ = set.close(keepsParts: true)
    #expect(try sessions.receive() == [])
  }

  /// After a boot, bytes that may not have been on the disk are compared with their CRC32.
  @Test(arguments: [false, true], [false, true])
  func afterAPowerCut(isSynced: Bool, isDamaged: Bool) throws {
    let sessions = Sessions()
    do {
      let (set, chunks) = try sessions.session()
      for chunk in chunks { _ = try set.accept(chunk) }
      _ = set.settle()
      set.save(now: .zero)
      if isSynced {
        set.save(now: Instant(nanoseconds: 3_000_000_000))
        set.waitForSync()
      }
      _ = set.close(keepsParts: true)
    }
    try changeRecords(sessions.recordsFile) { record in
      for place in 50..<58 { record[place] ^= 0x55 }
      guard isDamaged, record[58] == UInt8(ascii: "a") else { return }
      for place in 22..<26 { record[place] ^= 0x55 }
    }
    // The digest of a damaged record that is believed is not the file's.
    let isWrong = isDamaged && isSynced
    #expect(try sessions.receive(readsBack: !isWrong) == (isDamaged && !isSynced ? ["a.jpg"] : []))
    #expect(try sessions.receive(readsBack: !isWrong) == [])
  }

  /// Damage makes files unknown, and nothing else.
  @Test func damagedRecordsClaimNothing() throws {
    let sessions = Sessions()
    try sessions.receive()
    let whole = try #require(readBytes(sessions.recordsFile))
    for place in stride(from: 0, to: whole.count, by: 11) {
      var bytes = whole
      bytes[place] ^= 0x20
      sessions.cache.file("records/\(sessions.recordsName)", bytes, mode: 0o600)
      try sessions.receive()
      bytes = Array(whole.prefix(place))
      sessions.cache.file("records/\(sessions.recordsName)", bytes, mode: 0o600)
      try sessions.receive()
      #expect(try sessions.receive() == [])
    }
  }

  /// The disk, and nobody else, changed a byte of a file: its times stay. With `verifies` it is received
  /// again.
  @Test(arguments: [false, true]) func theBytesAreReadOnRequest(verifies: Bool) throws {
    let sessions = Sessions()
    try sessions.receive()
    try changeRecords(sessions.recordsFile) { record in
      guard record[58] == UInt8(ascii: "b") else { return }
      for place in 22..<26 { record[place] ^= 0x55 }
    }
    let (set, chunks) = try sessions.session(verifies: verifies)
    let manifestCount = Int(set.shape.manifestChunkCount)
    for chunk in chunks.prefix(manifestCount) { _ = try set.accept(chunk) }
    #expect(set.takeRecognised().count == 3 && set.hasAllChunks)
    let outcome = set.settle()
    #expect((outcome == nil) == verifies)
    let forgotten = set.takeForgotten()
    let file = try #require(set.layout).chunks(ofFile: 1)
    #expect(forgotten == (verifies ? [file] : []))
    for chunk in chunks where verifies && file.contains(UInt64(chunk.index)) {
      try #require(set.accept(chunk) == .accepted)
    }
    let last = try #require(outcome ?? set.settle())
    #expect(last.isWhole && last.verifiedFileCount == 4 && set.hasAllChunks)
    #expect(last.earlierFileCount == (verifies ? 2 : 3) && last.newFileCount == (verifies ? 1 : 0))
    _ = set.close(keepsParts: true)
    #expect(try sessions.receive(readsBack: verifies) == [])
  }

  @Test(arguments: ["folder of others", "link", "no folder"])
  func recordsOfStrangersAreNotBelieved(_ trick: String) throws {
    let sessions = Sessions()
    try sessions.receive()
    let file = sessions.recordsFile
    switch trick {
    case "folder of others": chmod(sessions.cache.path("records"), 0o777)
    case "link":
      rename(file, sessions.cache.path("elsewhere"))
      symlink(sessions.cache.path("elsewhere"), file)
    default:
      removeTree(sessions.cache.path("records"))
      sessions.cache.file("records")
    }
    #expect(try sessions.receive() == all)
  }

  /// The folder of records does not grow for ever, and one file of it neither.
  @Test func theRecordsAreBounded() throws {
    let sessions = Sessions()
    sessions.cache.folder("records")
    chmod(sessions.cache.path("records"), 0o700)
    for number in 0..<70 {
      let path = sessions.cache.file("records/old\(number)")
      utimensat(
        AT_FDCWD, path, [timespec(tv_sec: number, tv_nsec: 0), timespec(tv_sec: number, tv_nsec: 0)], 0)
    }
    try sessions.receive()
    #expect(sessions.cache.names(in: "records").count == 64)
    #expect(!sessions.cache.names(in: "records").contains("old6"))
    // Most records are of files that were verified again since then.
    let bytes = try #require(readBytes(sessions.recordsFile))
    let headerByteCount = 12 + Int(bytes[6]) << 8 + Int(bytes[7])
    let many = bytes + (0..<400).flatMap { _ in bytes.dropFirst(headerByteCount) }
    sessions.cache.file("records/\(sessions.recordsName)", many, mode: 0o600)
    #expect(try sessions.receive() == [])
    #expect(Int(status(sessions.recordsFile).st_size) < 2_000)
  }

  private func status(_ path: String) -> stat {
    var status = stat()
    lstat(path, &status)
    return status
  }

  /// Changes each record of a file, "GRFF", and gives it the CRC32 that it must have.
  private func changeRecords(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    let bytes = try #require(readBytes(path))
    var position = 12 + Int(bytes[6]) << 8 + Int(bytes[7])
    var changed = Array(bytes.prefix(position))
    while position < bytes.count {
      let isFile = bytes[position + 3] == UInt8(ascii: "F")
      let byteCount = isFile ? 62 + Int(bytes[position + 4]) << 8 + Int(bytes[position + 5]) : 24
      var record = Array(bytes[position..<position + byteCount - 4])
      if isFile { change(&record) }
      let checksum = CRC32.checksum(record.span)
      record.appendBigEndian(checksum)
      changed += record
      position += byteCount
    }
    let file = open(path, O_WRONLY | O_TRUNC)
    #expect(write(file, changed, changed.count) == changed.count)
    close(file)
  }
}
