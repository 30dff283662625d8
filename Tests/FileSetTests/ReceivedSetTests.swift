import Wire
import Checksum
import FileSet
import Glibc
import Ground
import Testing

/// A sender's folder, its chunks, and an inbox.
private struct Transfer {
  let sent = TestFolder()
  let inbox = TestFolder()
  let source: SetSource
  var chunks: [SentChunk]

  init(_ files: [(String, [UInt8])], chunkByteCount: Int = 1_000) throws {
    for (name, bytes) in files {
      let folders = name.split(separator: "/").dropLast()
      for depth in folders.indices { sent.folder(folders[...depth].joined(separator: "/")) }
      sent.file(name, bytes)
    }
    let set = try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true, recursive: true))
    source = try SetSource(set, chunkByteCount: chunkByteCount)
    chunks = readAllChunks(source)
  }

  func receiver(overwrite: Bool = false) throws -> ReceivedSet {
    try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(inboxPath: inbox.path, sessionID: 7, overwrite: overwrite))
  }
}

private let threeFiles: [(String, [UInt8])] = [
  ("a.jpg", sampleBytes(25_500, seed: 1)), ("empty.jpg", []), ("folder/ü.jpg", sampleBytes(3_000, seed: 3)),
]

@Suite struct ReceivedSetTests {
  @Test(arguments: [1, 7, 1_000, 1_440, 30_000], ["in order", "backwards", "shuffled"])
  func everyFileArrivesWholeInAnyOrder(chunkByteCount: Int, order: String) throws {
    var transfer = try Transfer(threeFiles, chunkByteCount: chunkByteCount)
    var generator = SplitMix64(seed: 5)
    switch order {
    case "backwards": transfer.chunks.reverse()
    case "shuffled": transfer.chunks.shuffle(using: &generator)
    default: break
    }
    let set = try transfer.receiver()
    for chunk in transfer.chunks { try #require(set.accept(chunk) == .accepted) }
    #expect(set.hasAllChunks)
    let outcome = try #require(set.settle())
    #expect(outcome.isWhole && outcome.verifiedFileCount == 3)
    for (name, bytes) in threeFiles { #expect(readBytes(transfer.inbox.path(name)) == bytes) }
  }

  /// The folders of a set take turns, and names differ in their folder alone, or in letter case alone.
  @Test func eachFileIsInItsOwnFolder() throws {
    let names = ["x/a.jpg", "y/a.jpg", "x/y/a.jpg", "A.jpg", "a.jpg", "y/b.jpg", "x/b.jpg"]
    let files = names.enumerated().map { ($1, sampleBytes(2_500, seed: UInt64($0))) }
    var transfer = try Transfer(files)
    var generator = SplitMix64(seed: 8)
    transfer.chunks.shuffle(using: &generator)
    let set = try transfer.receiver()
    for chunk in transfer.chunks { _ = try set.accept(chunk) }
    #expect(set.settle()?.verifiedFileCount == files.count)
    for (name, bytes) in files { #expect(readBytes(transfer.inbox.path(name)) == bytes, "\(name)") }
  }

  @Test func eventsTellTheStory() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    for chunk in transfer.chunks { _ = try set.accept(chunk) }
    #expect(
      set.drainEvents() == [
        .manifestKnown(transfer.source.manifest),
        .fileArrived(file: 0, partPath: set.store.partPath(ofFile: 0)),
        .fileArrived(file: 2, partPath: set.store.partPath(ofFile: 2)),
      ])
    #expect(readBytes(set.store.partPath(ofFile: 0)) == threeFiles[0].1)
    #expect(set.settle(atMost: 1) == nil)
    #expect(set.drainEvents() == [.fileVerified(file: 0, path: transfer.inbox.path("a.jpg"))])
    #expect(set.canSettle)
    #expect(set.settle(atMost: 2)?.verifiedFileCount == 3)
    #expect(!set.canSettle)
    #expect(
      set.drainEvents() == [
        .fileVerified(file: 2, path: transfer.inbox.path("folder/ü.jpg")),
        .fileArrived(file: 1, partPath: set.store.partPath(ofFile: 1)),
        .fileVerified(file: 1, path: transfer.inbox.path("empty.jpg")),
      ])
  }

  /// What is needed to finish a file comes right behind it.
  @Test func aFileIsThereAsSoonAsItIsWhole() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    let end = transfer.source.layout.chunks(ofFile: 0).upperBound
    for chunk in transfer.chunks where UInt64(chunk.index) < end { _ = try set.accept(chunk) }
    #expect(set.settle() == nil)
    #expect(readBytes(transfer.inbox.path("a.jpg")) == threeFiles[0].1)
    #expect(readBytes(transfer.inbox.path("empty.jpg")) == [])
  }

  /// A stranger's manifest may name millions of empty files: none is made until its turn comes.
  @Test func emptyFilesAreMadeInTheirTurn() throws {
    let transfer = try Transfer((0..<50).map { ("\(100 + $0).jpg", []) })
    let set = try transfer.receiver()
    for chunk in transfer.chunks { _ = try set.accept(chunk) }
    #expect(set.hasAllChunks)
    #expect(set.drainEvents() == [.manifestKnown(transfer.source.manifest)])
    for round in 1...4 {
      #expect(set.settle(atMost: 10) == nil)
      #expect(transfer.inbox.names().filter { !$0.hasPrefix(".") }.count == 10 * round)
      #expect(set.drainEvents().count == 20)
    }
    #expect(set.settle(atMost: 10)?.verifiedFileCount == 50)
  }

  /// Trains as GRO delivers them: equal strides, headers between, one call for each run up to a short
  /// payload.
  @Test func takesTrains() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    let (stride, offset) = (1_032, 32)
    var train: [SentChunk] = []
    for chunk in transfer.chunks {
      train.append(chunk)
      guard chunk.payload.count < 1_000 || train.count == 9 || chunk.index == transfer.chunks.last?.index
      else {
        continue
      }
      var buffer = [UInt8](repeating: 0xEE, count: train.count * stride + offset)
      for (index, chunk) in train.enumerated() {
        buffer.replaceSubrange(
          (index * stride + offset)..<(index * stride + offset + chunk.payload.count), with: chunk.payload)
      }
      let checksums = train.map(\.checksum)
      let outcome = try buffer.span.withUnsafeBytes { bytes throws(FileSetError) -> AcceptOutcome in
        try checksums.span.withUnsafeBufferPointer {
          checksums throws(FileSetError) -> AcceptOutcome in
          guard let base = bytes.baseAddress else { return .wrongChunkSize }
          return try set.accept(
            first: train[0].index, count: train.count, base: base, stride: stride, payloadOffset: offset,
            lastPayloadByteCount: chunk.payload.count, payloadChecksums: checksums)
        }
      }
      #expect(outcome == .accepted)
      train = []
    }
    #expect(set.settle()?.isWhole == true)
    #expect(readBytes(transfer.inbox.path("a.jpg")) == threeFiles[0].1)
  }

  @Test func damageIsFoundFileByFile() throws {
    var transfer = try Transfer(threeFiles)
    let place = Int(transfer.source.layout.chunks(ofFile: 0).lowerBound) + 3
    var payload = transfer.chunks[place].payload
    payload[10] ^= 1
    transfer.chunks[place].payload = payload
    transfer.chunks[place].checksum = CRC32.checksum(payload.span)
    let set = try transfer.receiver()
    for chunk in transfer.chunks { _ = try set.accept(chunk) }
    let outcome = try #require(set.settle())
    #expect(outcome.verifiedFileCount == 2)
    let failure = try #require(outcome.failures.first)
    guard case .checksumMismatch("a.jpg", _, _) = failure.error else {
      Issue.record("not a checksum mismatch: \(failure.error)")
      return
    }
    #expect(transfer.inbox.names().filter { !$0.hasPrefix(".gallery-") } == ["empty.jpg", "folder"])
  }

  @Test func wrongPayloadLengthsAreRefusedAndChangeNothing() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    let fileChunk = Int(transfer.source.layout.chunks(ofFile: 0).lowerBound)
    for index in [0, fileChunk, fileChunk + 25, transfer.chunks.count - 1] {
      for change in [-1, 1] {
        var wrong = transfer.chunks[index]
        wrong.payload = change < 0 ? Array(wrong.payload.dropLast()) : wrong.payload + [0]
        #expect(try set.accept(wrong) == .wrongChunkSize)
      }
      #expect(set.acceptedChunkCount == (index == 0 ? 0 : 1))
      // Before the manifest is known, a file's chunk may be short: that shows only later.
      if index == 0 { #expect(try set.accept(transfer.chunks[0]) == .accepted) }
    }
    var beyond = transfer.chunks[0]
    beyond.index = UInt32(transfer.chunks.count)
    #expect(try set.accept(beyond) == .wrongChunkSize)
  }

  /// The length of a file's chunk is known with the manifest. A wrong one is forgotten, so that it is asked
  /// for again.
  @Test func aShortChunkBeforeTheManifestIsForgottenWhenItIsSeen() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    var wrong = transfer.chunks[3]
    wrong.payload.removeLast()
    #expect(set.hasRightLength(3, payloadByteCount: 999))
    #expect(try set.accept(wrong) == .accepted && set.takeForgotten().isEmpty)
    #expect(try set.accept(transfer.chunks[0]) == .accepted)
    #expect(set.takeForgotten() == [3..<4] && set.takeForgotten().isEmpty)
    #expect(set.acceptedChunkCount == 1)
    #expect(!set.hasRightLength(3, payloadByteCount: 999) && set.hasRightLength(3, payloadByteCount: 1_000))
  }

  /// Each chunk's one right length, in order, backwards, and beside it.
  @Test func theRightLengthOfEachChunkIsKnown() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    for isKnown in [false, true] {
      let chunks = isKnown ? transfer.chunks + transfer.chunks.reversed() : [transfer.chunks[0]]
      for chunk in chunks {
        let right = chunk.payload.count
        #expect(set.hasRightLength(chunk.index, payloadByteCount: right), "chunk \(chunk.index)")
        #expect(!set.hasRightLength(chunk.index, payloadByteCount: right - 1), "chunk \(chunk.index)")
        #expect(!set.hasRightLength(chunk.index, payloadByteCount: right + 1), "chunk \(chunk.index)")
      }
      if !isKnown { #expect(try set.accept(transfer.chunks[0]) == .accepted) }
    }
    #expect(!set.hasRightLength(UInt32(transfer.chunks.count), payloadByteCount: 1))
  }

  @Test func whatPrecedesTheManifestIsBounded() throws {
    let transfer = try Transfer([("a.jpg", sampleBytes(20 << 20))], chunkByteCount: 60_000)
    let set = try transfer.receiver()
    var refused: [SentChunk] = []
    for chunk in transfer.chunks.dropFirst() {
      let canKeep = set.canKeep(chunk.index, pendingCount: 0)
      if try set.accept(chunk) == .noRoomYet {
        #expect(!canKeep)
        refused.append(chunk)
      }
    }
    #expect(refused.count > 60 && refused.count < 90)
    // The manifest has room always: else nothing would ever make room again.
    #expect(set.canKeep(0, pendingCount: 0))
    #expect(try set.accept(transfer.chunks[0]) == .accepted)
    #expect(set.canKeep(1, pendingCount: 1_000))
    for chunk in refused { #expect(try set.accept(chunk) == .accepted) }
    #expect(set.settle()?.isWhole == true)
  }

  @Test func aManifestOtherThanAnnouncedIsRefused() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    var damaged = transfer.chunks[0]
    damaged.payload[20] ^= 1
    #expect {
      try set.accept(damaged)
    } throws: { error in
      guard case .identityMismatch = error as? FileSetError else { return false }
      return true
    }
  }

  @Test func existingFilesAreKeptAndReported() throws {
    let transfer = try Transfer(threeFiles)
    transfer.inbox.file("a.jpg", [9])
    let set = try transfer.receiver()
    for chunk in transfer.chunks { _ = try set.accept(chunk) }
    let outcome = try #require(set.settle())
    #expect(outcome.failures == [FileFailure(file: 0, error: .alreadyExists(name: "a.jpg"))])
    #expect(readBytes(transfer.inbox.path("a.jpg")) == [9])
    let again = try transfer.receiver(overwrite: true)
    for chunk in transfer.chunks { _ = try again.accept(chunk) }
    #expect(again.settle()?.isWhole == true)
    #expect(readBytes(transfer.inbox.path("a.jpg")) == threeFiles[0].1)
  }

  @Test func anEarlyEndNamesWhatIsMissing() throws {
    let transfer = try Transfer(threeFiles)
    let set = try transfer.receiver()
    let lost = transfer.source.layout.chunks(ofFile: 0).upperBound - 1
    for chunk in transfer.chunks where UInt64(chunk.index) != lost { _ = try set.accept(chunk) }
    #expect(!set.hasAllChunks)
    #expect(set.settle() == nil)
    let outcome = set.abandon()
    #expect(outcome.verifiedFileCount == 2)
    #expect(
      outcome.failures == [FileFailure(file: 0, error: .incomplete(name: "a.jpg", missingChunkCount: 1))])
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a small file system needs root"))
  func aSetThatDoesNotFitIsRefusedBeforeItIsSent() throws {
    let transfer = try Transfer([("a.jpg", sampleBytes(200_000))])
    try #require(mount("tmpfs", transfer.inbox.path, "tmpfs", 0, "size=64k") == 0, "mount refused: \(errno)")
    defer { umount2(transfer.inbox.path, detach) }
    #expect {
      try transfer.receiver()
    } throws: { error in
      guard case .notEnoughSpace(_, 200_000, 65_536) = error as? FileSetError else { return false }
      return true
    }
  }
}
