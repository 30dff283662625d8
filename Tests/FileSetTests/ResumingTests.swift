import Checksum
import FileSet
import Glibc
import Ground
import Testing
import Wire

/// A sender's folder, its chunks, and an inbox in which sessions are cut.
private struct CutTransfer {
  static let files: [(String, [UInt8])] = [
    ("a.jpg", sampleBytes(9_500, seed: 1)), ("b.jpg", sampleBytes(2_998, seed: 2)), ("empty.jpg", []),
    ("folder/ü.jpg", sampleBytes(4_000, seed: 3)),
  ]

  let sent = TestFolder()
  let inbox = TestFolder()
  let source: SetSource
  var chunks: [SentChunk]

  init(chunkByteCount: Int = 1_000, files: [(String, [UInt8])] = files) throws {
    sent.folder("folder")
    for (name, bytes) in files { sent.file(name, bytes) }
    let set = try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true, recursive: true))
    source = try SetSource(set, chunkByteCount: chunkByteCount)
    chunks = readAllChunks(source)
  }

  /// A session; it is killed when its value goes without `close`.
  func session(resumes: Bool = true) throws -> ReceivedSet {
    let key = PartKey(shape: source.shape, identity: source.identity)
    return try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(inboxPath: inbox.path, key: key, resumes: resumes))
  }

  /// A session that takes some chunks, writes down what is here, and is killed.
  func killed(after count: Int, settles: Bool = false) throws {
    let set = try session()
    for chunk in chunks.prefix(count) { try #require(set.accept(chunk) == .accepted) }
    if settles { _ = set.settle() }
    set.save(now: .zero)
  }

  /// The next session of the set gets what it lacks, and nothing else. Returns what it had.
  @discardableResult
  func finish(resumes: Bool = true) throws -> Set<UInt64> {
    let set = try session(resumes: resumes)
    let held = Set(set.resumedChunks.joined())
    for chunk in chunks where !held.contains(UInt64(chunk.index)) {
      try #require(set.accept(chunk) == .accepted)
    }
    #expect(set.hasAllChunks)
    let outcome = try #require(set.settle())
    #expect(outcome.isWhole && outcome.verifiedFileCount == Self.files.count, "\(outcome)")
    #expect(!set.close(keepsParts: true))
    for (name, bytes) in Self.files { #expect(readBytes(inbox.path(name)) == bytes, "\(name)") }
    #expect(inbox.names().allSatisfy { !$0.hasPrefix(".") }, "\(inbox.names())")
    return held
  }

  var work: String { inbox.names().first { $0.hasPrefix(".gallery-") } ?? "none" }
  var map: String { inbox.path("\(work)/map") }
}

/// A session goes on with what a killed one has left, Specs/resume.md.
@Suite struct ResumingTests {
  @Test(arguments: [false, true], [1_000, 30_000, 7])
  func killedAtAnyChunkItLacksOnlyTheRest(isShuffled: Bool, chunkByteCount: Int) throws {
    let count = try CutTransfer(chunkByteCount: chunkByteCount).chunks.count
    for cut in stride(from: 0, through: count, by: max(1, count / 20)) {
      var transfer = try CutTransfer(chunkByteCount: chunkByteCount)
      var generator = SplitMix64(seed: UInt64(cut))
      if isShuffled { transfer.chunks.shuffle(using: &generator) }
      try transfer.killed(after: cut)
      let taken = transfer.chunks.prefix(cut).map { UInt64($0.index) }
      let isManifestKnown = Set(transfer.source.layout.manifestChunks).isSubset(of: taken)
      let held = try transfer.finish()
      #expect(held == (isManifestKnown ? Set(taken) : []), "cut at \(cut)")
    }
  }

  /// Killed again and again, also when files have their names.
  /// A run of chunks is compared in pieces of 256 KiB.
  @Test func aLongRunIsCompared() throws {
    let transfer = try CutTransfer(files: [("a.jpg", sampleBytes(600_500, seed: 4))])
    try transfer.killed(after: transfer.chunks.count)
    #expect(try transfer.session().resumedChunks.reduce(0) { $0 + $1.count } == transfer.chunks.count)
  }

  @Test func killedSeveralTimes() throws {
    let transfer = try CutTransfer()
    let count = transfer.chunks.count
    for cut in [4, 11, 12, 14, count - 1] {
      let set = try transfer.session()
      let held = Set(set.resumedChunks.joined())
      for chunk in transfer.chunks.prefix(cut) where !held.contains(UInt64(chunk.index)) {
        try #require(set.accept(chunk) == .accepted)
      }
      #expect(set.settle() == nil)
      set.save(now: .zero)
    }
    #expect(readBytes(transfer.inbox.path("a.jpg")) == CutTransfer.files[0].1)
    #expect(try transfer.finish().count == count - 1)
  }

  /// A process that was killed while it looked for the mode of new files has left its sample.
  @Test func aLeftSampleIsInNobodysWay() throws {
    let transfer = try CutTransfer()
    try transfer.killed(after: 5)
    transfer.inbox.file("\(transfer.work)/sample.part")
    #expect(try transfer.finish() == Set(0..<5))
  }

  /// What a process has not handed to the system is lost with it, and nothing else.
  @Test func recordsInMemoryGoWithTheProcess() throws {
    let transfer = try CutTransfer()
    do {
      let set = try transfer.session()
      for chunk in transfer.chunks.prefix(5) { _ = try set.accept(chunk) }
      set.save(now: .zero)
      for chunk in transfer.chunks[5..<9] { _ = try set.accept(chunk) }
    }
    #expect(try transfer.finish() == Set(0..<5))
  }

  @Test func everyTornLengthOfTheMapIsOfUse() throws {
    let transfer = try CutTransfer()
    try transfer.killed(after: 12)
    let whole = try #require(readBytes(transfer.map))
    var before = -1
    for length in 0...whole.count {
      let torn = try CutTransfer()
      try torn.killed(after: 12)
      try #require(truncate(torn.map, off_t(length)) == 0)
      let held = try torn.session().resumedChunks.reduce(0) { $0 + $1.count }
      #expect(held >= before && held <= 12, "\(length) bytes")
      before = held
      try torn.finish()
    }
    #expect(before == 12)
  }

  /// No byte of the map, whatever it becomes, makes a wrong file or a trap.
  @Test func aDamagedMapClaimsNothing() throws {
    let transfer = try CutTransfer()
    try transfer.killed(after: 12)
    let byteCount = try #require(readBytes(transfer.map)).count
    for place in stride(from: 0, to: byteCount, by: 5) {
      let damaged = try CutTransfer()
      try damaged.killed(after: 12)
      var bytes = try #require(readBytes(damaged.map))
      bytes[place] ^= 0x41
      damaged.inbox.file("\(damaged.work)/map", bytes)
      try damaged.finish()
    }
  }

  /// The power is cut: of the parts only that is there which a job had brought to the disk, while the map is
  /// newer. Its newest records are compared with the parts.
  @Test func afterAPowerCutOnlyWhatWasOnTheDiskCounts() throws {
    let transfer = try CutTransfer()
    do {
      let set = try transfer.session()
      for chunk in transfer.chunks.prefix(4) { _ = try set.accept(chunk) }
      set.save(now: .zero)
      set.save(now: Instant(nanoseconds: 3_000_000_000))
      set.waitForSync()
      for chunk in transfer.chunks[4..<14] { _ = try set.accept(chunk) }
      set.save(now: Instant(nanoseconds: 3_100_000_000))
    }
    // The bytes of chunk 6 became zeros, the second part has its length alone, and chunk 8 is here.
    let first = transfer.inbox.path("\(transfer.work)/0.part")
    var bytes = try #require(readBytes(first))
    for place in 5_000..<6_000 { bytes[place] = 0 }
    transfer.inbox.file("\(transfer.work)/0.part", bytes, mode: 0o600)
    try #require(truncate(transfer.inbox.path("\(transfer.work)/1.part"), 0) == 0)
    try #require(truncate(transfer.inbox.path("\(transfer.work)/1.part"), 2_998) == 0)
    #expect(try transfer.finish() == Set(0..<11).subtracting([6]))
  }

  /// Records of bytes that were on the disk are not read again.
  @Test func whatWasOnTheDiskIsNotRead() throws {
    let transfer = try CutTransfer()
    do {
      let set = try transfer.session()
      for chunk in transfer.chunks.prefix(6) { _ = try set.accept(chunk) }
      set.save(now: .zero)
      set.save(now: Instant(nanoseconds: 3_000_000_000))
      set.waitForSync()
    }
    let part = transfer.inbox.path("\(transfer.work)/0.part")
    var bytes = try #require(readBytes(part))
    bytes[100] ^= 1
    transfer.inbox.file("\(transfer.work)/0.part", bytes, mode: 0o600)
    #expect(try transfer.session().resumedChunks.reduce(0) { $0 + $1.count } == 6)
  }

  // MARK: What lies in the folder

  @Test func aFileThatChangedInTheInboxIsReceivedAgain() throws {
    for change in ["removed", "other bytes", "a folder"] {
      let transfer = try CutTransfer()
      try transfer.killed(after: 13, settles: true)
      let path = transfer.inbox.path("a.jpg")
      try #require(readBytes(path) == CutTransfer.files[0].1)
      unlink(path)
      if change == "other bytes" { transfer.inbox.file("a.jpg", sampleBytes(9_500, seed: 9)) }
      if change == "a folder" { transfer.inbox.folder("a.jpg") }
      let set = try transfer.session()
      #expect(Set(set.resumedChunks.joined()) == [0, 11, 12], "\(change)")
    }
  }

  @Test(arguments: [
    "link", "hard link", "too long", "folder", "no manifest", "other manifest", "map is a link",
  ])
  func whatAStrangerPutsThereIsNotUsed(_ trick: String) throws {
    let transfer = try CutTransfer()
    try transfer.killed(after: 8)
    let victim = TestFolder()
    victim.file("victim", sampleBytes(9_500, seed: 4))
    let part = transfer.inbox.path("\(transfer.work)/0.part")
    let manifest = transfer.inbox.path("\(transfer.work)/manifest")
    switch trick {
    case "link":
      unlink(part)
      symlink(victim.path("victim"), part)
    case "hard link":
      unlink(part)
      try #require(link(victim.path("victim"), part) == 0)
    case "too long": try #require(truncate(part, 9_501) == 0)
    case "folder":
      unlink(part)
      mkdir(part, 0o700)
      rmdir(part)
    case "no manifest": unlink(manifest)
    case "other manifest":
      let bytes = try #require(readBytes(manifest))
      transfer.inbox.file("\(transfer.work)/manifest", bytes.dropLast() + [0x7A])
    default:
      rename(transfer.map, victim.path("map"))
      symlink(victim.path("map"), transfer.map)
    }
    try transfer.finish()
    #expect(readBytes(victim.path("victim")) == sampleBytes(9_500, seed: 4))
  }

  /// Sound CRC32s, and impossible contents.
  @Test func recordsOfNoChunksAreDropped() throws {
    let transfer = try CutTransfer()
    for (first, count) in [(0, 2), (5, 60_000), (10, 3), (UInt32.max, 2), (1, 4), (1, 4)]
      as [(UInt32, UInt32)]
    {
      try transfer.killed(after: 3)
      var record: [UInt8] = []
      record.appendBigEndian(0x4750_4D43 as UInt32)
      record.appendBigEndian(first)
      record.appendBigEndian(count)
      record += [UInt8](repeating: 0, count: 4 + 4 * Int(count))
      record.appendBigEndian(CRC32.checksum(record.span))
      let bytes = try #require(readBytes(transfer.map))
      transfer.inbox.file("\(transfer.work)/map", bytes + record, mode: 0o600)
      #expect(try transfer.session().resumedChunks == [0..<1, 1..<3], "\(first), \(count)")
    }
    try transfer.finish()
  }
}
