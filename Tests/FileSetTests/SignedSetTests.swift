import Checksum
import FileSet
import Glibc
import Ground
import Keys
import Testing
import Wire

/// Sets with the SHA-256 of each segment, Specs/chunked-udp.md §3.6: forged bytes never get a name.
@Suite struct SignedSetTests {
  private static let files: [(String, [UInt8])] = [
    ("a.jpg", sampleBytes(300_000, seed: 1)), ("b.jpg", sampleBytes(131_072, seed: 2)), ("empty.jpg", []),
    ("z.jpg", sampleBytes(1, seed: 3)),
  ]

  private struct Transfer {
    let sent = TestFolder()
    let inbox = TestFolder()
    let source: SetSource
    let chunks: [SentChunk]

    init(chunkByteCount: Int = 1_000) throws {
      try KeyLibrary.load()
      for (name, bytes) in SignedSetTests.files { sent.file(name, bytes) }
      let set = try FileScanner.scan(sent.path).withSegmentDigests()
      source = try SetSource(set, chunkByteCount: chunkByteCount)
      chunks = readAllChunks(source)
    }

    var key: PartKey { PartKey(shape: source.shape, identity: source.identity) }

    func receiver(records: String? = nil, isSigned: Bool = true) throws -> ReceivedSet {
      try ReceivedSet(
        shape: source.shape, identity: source.identity,
        store: PartStore(inboxPath: inbox.path, key: key, recordsPath: records),
        manifestDigest: isSigned ? source.manifestDigest : nil)
    }

    /// The chunk with other bytes, and the CRC32 that they have.
    func forged(_ chunk: SentChunk) -> SentChunk {
      let payload = chunk.payload.map { ~$0 }
      return SentChunk(index: chunk.index, payload: payload, checksum: CRC32.checksum(payload.span))
    }

    func firstChunk(ofFile file: Int) -> Int { Int(source.layout.chunks(ofFile: file).lowerBound) }
  }

  /// Hands over all chunks, those of `forged` by somebody else, and then whatever is asked for again.
  private static func receive(
    _ set: ReceivedSet, _ transfer: Transfer, forged: Set<Int>, isForgedAgain: Bool = false
  ) throws -> SetOutcome? {
    var wanted = Array(transfer.chunks.indices)
    var turn = 0
    while turn < 40 {
      for index in wanted {
        let chunk = transfer.chunks[index]
        let isForged = forged.contains(index) && (turn == 0 || isForgedAgain)
        #expect(try set.accept(isForged ? transfer.forged(chunk) : chunk) == .accepted)
      }
      var outcome = set.settle(atMost: 1)
      while set.canSettle { outcome = set.settle(atMost: 1) }
      wanted = set.takeForgotten().flatMap { $0.map { Int($0) } }
      if wanted.isEmpty { return outcome }
      turn += 1
    }
    return nil
  }

  private static func expectWhole(_ transfer: Transfer) {
    for (name, bytes) in files { #expect(readBytes(transfer.inbox.path(name)) == bytes, "\(name)") }
  }

  @Test(arguments: [7, 1_000, 1_440, 60_000])
  func aSoundSetIsWholeWithoutASecondRequest(chunkByteCount: Int) throws {
    let transfer = try Transfer(chunkByteCount: chunkByteCount)
    let set = try transfer.receiver()
    let outcome = try #require(try Self.receive(set, transfer, forged: []))
    #expect(outcome.isWhole && outcome.verifiedFileCount == 4 && set.wrongSegmentCount == 0)
    Self.expectWhole(transfer)
  }

  /// A sparse file whose digests alone are larger than a manifest may be. It is refused unread.
  @Test func aSetWithTooManySegmentsIsRefused() throws {
    let sent = TestFolder()
    sent.file("a.jpg")
    try #require(truncate(sent.path("a.jpg"), 1 << 40) == 0)
    let set = try FileScanner.scan(sent.path)
    #expect(throws: FileSetError.self) { try set.withSegmentDigests() }
  }

  /// One chunk of each segment, those that two segments share, and those with a digest.
  @Test(arguments: [1_000, 1_440, 60_000])
  func forgedChunksAreReceivedAgainWithTheirSegmentsAlone(chunkByteCount: Int) throws {
    let transfer = try Transfer(chunkByteCount: chunkByteCount)
    let set = try transfer.receiver()
    let first = transfer.firstChunk(ofFile: 0)
    let shared = first + 131_072 / chunkByteCount
    let outcome = try Self.receive(
      set, transfer, forged: [first, shared, transfer.firstChunk(ofFile: 3), transfer.chunks.count - 1])
    #expect(outcome?.isWhole == true)
    #expect(set.wrongSegmentCount == 3)
    Self.expectWhole(transfer)
  }

  /// The manifest that the sender has signed is the only one that counts, whatever its XXH3 is.
  @Test func aForgedManifestIsReceivedAgain() throws {
    let transfer = try Transfer()
    let set = try transfer.receiver()
    #expect(try Self.receive(set, transfer, forged: [0])?.isWhole == true)
    Self.expectWhole(transfer)
    let other = try Transfer()
    var digest = other.source.manifestDigest
    digest[0] ^= 1
    let refused = try ReceivedSet(
      shape: other.source.shape, identity: other.source.identity,
      store: PartStore(inboxPath: other.inbox.path, key: other.key), manifestDigest: digest)
    let identity = other.source.identity.description
    #expect(throws: FileSetError.identityMismatch(expected: identity, computed: identity)) {
      try Self.receive(refused, other, forged: [])
    }
  }

  /// Somebody who forges a chunk each time holds up this file, and no other.
  @Test func aFileThatIsForgedEachTimeFailsByNameAndIsNeverSeen() throws {
    let transfer = try Transfer()
    let set = try transfer.receiver()
    let outcome = try #require(
      try Self.receive(set, transfer, forged: [transfer.firstChunk(ofFile: 1)], isForgedAgain: true))
    #expect(outcome.failures == [FileFailure(file: 1, error: .notSigned(name: "b.jpg"))])
    #expect(outcome.verifiedFileCount == 3)
    #expect(readBytes(transfer.inbox.path("b.jpg")) == nil)
  }

  /// Without a signature the same bytes get a name, when the forger has made the CRC32s to match.
  @Test func withoutASignatureAForgerNeedsOnlyTheCRC32() throws {
    let sent = TestFolder()
    let inbox = TestFolder()
    sent.file("a.jpg", Array(repeating: 1, count: 500))
    let source = try SetSource(try FileScanner.scan(sent.path), chunkByteCount: 1_000)
    let set = try ReceivedSet(
      shape: source.shape, identity: source.identity, store: PartStore(inboxPath: inbox.path, sessionID: 1))
    let chunks = readAllChunks(source)
    let payload = withDigest(Array(repeating: 2, count: 500))
    _ = try set.accept(chunks[0])
    _ = try set.accept(SentChunk(index: 1, payload: payload, checksum: CRC32.checksum(payload.span)))
    #expect(set.settle()?.isWhole == true)
    #expect(readBytes(inbox.path("a.jpg")) == Array(repeating: 2, count: 500))
  }

  /// A file of an earlier session that nobody signed is read, and received when it is not the sender's.
  @Test func whatLiesInTheInboxMustBeWhatWasSigned() throws {
    let transfer = try Transfer()
    let cache = TestFolder()
    let first = try transfer.receiver(records: cache.path)
    _ = try Self.receive(first, transfer, forged: [])
    #expect(!first.close(keepsParts: true))
    // Another session finds all files, compares them, and takes them.
    let second = try transfer.receiver(records: cache.path)
    for chunk in transfer.chunks.prefix(Int(transfer.source.shape.manifestChunkCount)) {
      _ = try second.accept(chunk)
    }
    #expect(second.takeRecognised().count == 3)
    while second.canSettle { _ = second.settle(atMost: 1) }
    #expect(second.settle()?.earlierFileCount == 3)
    second.store.close()
    // With other bytes in the part of an inbox, and the map of a forger: nothing gets a name.
    let third = try Transfer()
    let cut = try third.receiver()
    for chunk in third.chunks.dropLast(200) {
      _ = try cut.accept(chunk.index == 5 ? third.forged(chunk) : chunk)
    }
    cut.save(now: Instant.zero + .seconds(9))
    #expect(cut.close(keepsParts: true))
    let resumed = try third.receiver()
    #expect(!resumed.resumedChunks.isEmpty)
    let here = resumed.resumedChunks
    for chunk in third.chunks where !here.contains(where: { $0.contains(UInt64(chunk.index)) }) {
      _ = try resumed.accept(chunk)
    }
    while resumed.canSettle { _ = resumed.settle(atMost: 1) }
    let again = resumed.takeForgotten()
    #expect(again == [UInt64(third.firstChunk(ofFile: 0))..<UInt64(third.firstChunk(ofFile: 0) + 132)])
    for chunk in third.chunks where again.contains(where: { $0.contains(UInt64(chunk.index)) }) {
      _ = try resumed.accept(chunk)
    }
    while resumed.canSettle { _ = resumed.settle(atMost: 1) }
    #expect(resumed.settle()?.isWhole == true)
    Self.expectWhole(third)
  }

  /// A manifest of the other kind, and one whose digests are cut off or too many.
  @Test func aManifestIsOfTheAnnouncedKind() throws {
    let transfer = try Transfer()
    let bytes = transfer.source.manifest.encoded()
    #expect(try Manifest(decoding: bytes.span, isSigned: true) == transfer.source.manifest)
    #expect(throws: FileSetError.invalidManifest(reason: "no GMF1 at its start")) {
      try Manifest(decoding: bytes.span)
    }
    let plain = try FileScanner.scan(transfer.sent.path).manifest.encoded()
    #expect(throws: FileSetError.invalidManifest(reason: "no GMF2 at its start")) {
      try Manifest(decoding: plain.span, isSigned: true)
    }
    for count in 0..<bytes.count {
      #expect(throws: FileSetError.self) {
        try Manifest(decoding: bytes.span.extracting(first: count), isSigned: true)
      }
    }
    #expect(throws: FileSetError.invalidManifest(reason: "1 bytes too many")) {
      try Manifest(decoding: (bytes + [0]).span, isSigned: true)
    }
    // An entry that states 2^62 bytes has more digests than there are bytes.
    var large = bytes
    large[8] = 0x40
    #expect(throws: FileSetError.invalidManifest(reason: "the digests of entry 0 are cut off")) {
      try Manifest(decoding: large.span, isSigned: true)
    }
  }

  @Test func aFileThatChangesWhileItIsReadIsRefused() throws {
    try KeyLibrary.load()
    let folder = TestFolder()
    folder.file("a.jpg", sampleBytes(1_000))
    let set = try FileScanner.scan(folder.path)
    folder.file("a.jpg", sampleBytes(999))
    #expect(throws: FileSetError.fileChanged(name: "a.jpg")) { try set.withSegmentDigests() }
    unlink(folder.path("a.jpg"))
    #expect(throws: FileSetError.cannotRead(path: folder.path("a.jpg"), errno: ENOENT)) {
      try set.withSegmentDigests()
    }
  }
}
