import FileSet
import Glibc
import Ground
import Testing
import Wire

/// A set whose inbox's file system is full for a while: a small one of the test's own. Needs the right to
/// mount.
@Suite(.enabled(if: geteuid() == 0)) final class FullDiskTests {
  private let sent = TestFolder()
  private let folder = TestFolder()
  private let small: String
  private let source: SetSource
  private let chunks: [SentChunk]

  init() throws {
    sent.folder("folder")
    sent.file("a.jpg", sampleBytes(100_000, seed: 1))
    sent.file("empty.jpg")
    sent.file("folder/b.jpg", sampleBytes(50_000, seed: 2))
    let set = try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true, recursive: true))
    source = try SetSource(set, chunkByteCount: 4_000)
    chunks = readAllChunks(source)
    small = folder.folder("small")
    try #require(mount("tmpfs", small, "tmpfs", 0, "size=256k,nr_inodes=20") == 0, "mount refused: \(errno)")
  }

  deinit { umount2(small, 2) }  // MNT_DETACH

  private func set(hasRecords: Bool = false) throws -> ReceivedSet { try set(source, hasRecords: hasRecords) }

  private func set(_ source: SetSource, hasRecords: Bool) throws -> ReceivedSet {
    try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(
        inboxPath: small, key: PartKey(shape: source.shape, identity: source.identity),
        recordsPath: hasRecords ? folder.path("records") : nil))
  }

  /// A file of an earlier set is in the inbox, and the receiver knows it.
  private func receiveOther() throws {
    let other = TestFolder()
    other.file("other.jpg", sampleBytes(60_000, seed: 3))
    let source = try SetSource(FileScanner.scan(other.path), chunkByteCount: 4_000)
    let set = try set(source, hasRecords: true)
    for chunk in readAllChunks(source) { _ = try set.accept(chunk) }
    #expect(set.settle()?.isWhole == true)
    _ = set.close(keepsParts: true)
  }

  private func take(byteCount: Int) {
    let descriptor = open("\(small)/hog", O_WRONLY | O_CREAT, 0o600)
    #expect(write(descriptor, sampleBytes(byteCount), byteCount) == byteCount)
    close(descriptor)
  }

  /// Takes all room, or all names but those that are there.
  private func fill(names: Bool = false) {
    for number in 0..<64 {
      let descriptor = open("\(small)/hog\(number)", O_WRONLY | O_CREAT, 0o600)
      guard descriptor >= 0 else { return }
      if !names { while write(descriptor, sampleBytes(4_096), 4_096) > 0 {} }
      close(descriptor)
      if !names { return }
    }
  }

  private func free() {
    for name in listNames(small) where name.hasPrefix("hog") { unlink("\(small)/\(name)") }
  }

  private func expectWhole(_ outcome: SetOutcome?) {
    #expect(outcome?.isWhole == true && outcome?.verifiedFileCount == 3)
    for name in ["a.jpg", "empty.jpg", "folder/b.jpg"] {
      #expect(readBytes("\(small)/\(name)") == readBytes(sent.path(name)))
    }
    #expect(listNames(small).filter { $0.hasPrefix(".gallery-") && $0 != ".gallery-records" }.count <= 1)
  }

  @Test func whatIsStoredStaysAndTheRestComesAgain() throws {
    let set = try set()
    for chunk in chunks.prefix(8) { #expect(try set.accept(chunk) == .accepted) }
    fill()
    var lost: [SentChunk] = []
    for chunk in chunks.dropFirst(8) {
      #expect(try set.accept(chunk) == .accepted)
      lost += set.takeForgotten().flatMap { range in chunks.filter { range.contains(UInt64($0.index)) } }
    }
    #expect(set.isFull && lost.count == chunks.count - 8 && !set.canKeep(lost[0].index, pendingCount: 0))
    #expect(set.acceptedChunkCount == 8)
    #expect((100_000...150_000).contains(set.missingByteCount), "\(set.missingByteCount)")
    set.tryStorage()
    #expect(set.isFull && set.settle() == nil)
    free()
    set.tryStorage()
    #expect(!set.isFull && set.missingByteCount == 0)
    for chunk in lost { #expect(try set.accept(chunk) == .accepted) }
    #expect(set.takeForgotten().isEmpty)
    expectWhole(set.settle())
    #expect(!set.close(keepsParts: true))
  }

  /// Only the manifest tells that the inbox's file is none of the set. The disk was filled before it arrived.
  @Test func aDiskThatIsFilledBeforeTheManifestIsAFullOne() throws {
    try receiveOther()
    let set = try set(hasRecords: true)
    fill()
    for chunk in chunks.prefix(2) { #expect(try set.accept(chunk) == .accepted) }
    #expect(set.manifest != nil && set.isFull)
    let lost = set.takeForgotten()
    #expect(lost.reduce(0) { $0 + $1.count } == 1 && set.missingByteCount > 100_000)
    free()
    set.tryStorage()
    #expect(!set.isFull)
    for chunk in chunks.dropFirst() { #expect(try set.accept(chunk) == .accepted) }
    expectWhole(set.settle())
  }

  /// Chunks of a file that is in the inbox came before the manifest: on a full disk they are not lacking.
  @Test func aFileThatIsHereNeedsNoRoom() throws {
    let first = try set(hasRecords: true)
    for chunk in chunks { _ = try first.accept(chunk) }
    expectWhole(first.settle())
    _ = first.close(keepsParts: true)
    unlink("\(small)/folder/b.jpg")
    let second = try set(hasRecords: true)
    fill()
    for chunk in chunks.reversed() { #expect(try second.accept(chunk) == .accepted) }
    let layout = try #require(second.layout)
    let lost = second.takeForgotten().flatMap { Array($0) }
    #expect(second.isFull && lost.sorted() == Array(layout.chunks(ofFile: 2)))
    #expect(second.acceptedChunkCount == UInt64(chunks.count - lost.count))
    free()
    second.tryStorage()
    for chunk in chunks where lost.contains(UInt64(chunk.index)) { _ = try second.accept(chunk) }
    #expect(second.hasAllChunks)
    expectWhole(second.settle())
  }

  /// The set did not fit when it was announced: waiting for room is for a disk that had it.
  @Test func aSetThatNeverFittedIsRefusedWithTheManifest() throws {
    try receiveOther()
    take(byteCount: 80_000)
    let set = try set(hasRecords: true)
    #expect(throws: FileSetError.self) { try set.accept(self.chunks[0]) }
    #expect(!set.isFull)
  }

  /// The bytes are here, and the file system has no room for a folder, an empty file or a name.
  @Test func wholeFilesWaitForTheirNames() throws {
    let set = try set()
    for chunk in chunks.dropLast() { _ = try set.accept(chunk) }
    #expect(set.settle() == nil)
    fill(names: true)
    for chunk in chunks.suffix(1) { _ = try set.accept(chunk) }
    #expect(set.settle() == nil)
    #expect(set.isFull && !set.canSettle && set.missingByteCount == 1 && set.hasAllChunks)
    set.tryStorage()
    #expect(set.isFull)
    free()
    set.tryStorage()
    #expect(!set.isFull && set.canSettle)
    expectWhole(set.settle())
  }

  /// A session that ends while the disk is full leaves its parts and their map to the next one.
  @Test func theNextSessionGoesOn() throws {
    let first = try set()
    for chunk in chunks.prefix(8) { _ = try first.accept(chunk) }
    first.save(now: .zero)
    fill()
    for chunk in chunks.dropFirst(8) { _ = try first.accept(chunk) }
    #expect(first.isFull && first.abandon().failures.count == 2)
    #expect(first.close(keepsParts: true))
    free()
    let second = try set()
    #expect(second.resumedChunks.reduce(0) { $0 + $1.count } == 8)
    for chunk in chunks.dropFirst(8) { _ = try second.accept(chunk) }
    expectWhole(second.settle())
  }
}
