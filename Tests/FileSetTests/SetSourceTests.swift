import Checksum
import FileSet
import Glibc
import Testing

/// A folder of three images, one of them empty: 25,000, 0 and 3,000 bytes.
private func sampleFolder() -> TestFolder {
  let folder = TestFolder()
  folder.file("a.jpg", sampleBytes(25_000, seed: 1))
  folder.file("b.jpg")
  folder.file("c.jpg", sampleBytes(3_000, seed: 3))
  return folder
}

@Suite struct SetSourceTests {
  @Test(arguments: [1, 999, 1_000, 1_440, 65_475])
  func chunksMakeManifestAndFilesWithTheirDigests(chunkByteCount: Int) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: chunkByteCount)
    let chunks = readAllChunks(source)
    let layout = source.layout
    func bytes(_ range: Range<UInt64>) -> [UInt8] { range.flatMap { chunks[Int($0)].payload } }
    let manifest = bytes(layout.manifestChunks)
    #expect(try Manifest(decoding: manifest.span) == source.manifest)
    #expect(SetIdentity(of: manifest.span) == source.identity)
    #expect(bytes(layout.chunks(ofFile: 0)) == withDigest(sampleBytes(25_000, seed: 1)))
    #expect(bytes(layout.chunks(ofFile: 1)).isEmpty)
    #expect(bytes(layout.chunks(ofFile: 2)) == withDigest(sampleBytes(3_000, seed: 3)))
    #expect(source.rereadByteCount == 0)
  }

  /// A path that carries less than was announced first: the same bytes, as if it had been cut so from the
  /// start.
  @Test(arguments: [1, 999, 1_220, 65_475])
  func cutAnewItIsAnotherRowOfTheSameBytes(chunkByteCount: Int) throws {
    let folder = sampleFolder()
    let set = try FileScanner.scan(folder.path)
    let source = try SetSource(set, chunkByteCount: 1_440)
    let foretold = try source.shape(chunkByteCount: chunkByteCount)
    try source.recut(chunkByteCount: chunkByteCount)
    let other = try SetSource(set, chunkByteCount: chunkByteCount)
    #expect(source.shape == other.shape && foretold == other.shape)
    #expect(readAllChunks(source).map(\.payload) == readAllChunks(other).map(\.payload))
    #expect(throws: FileSetError.self) { try source.shape(chunkByteCount: 0) }
  }

  /// A train of datagrams: payloads behind headers, over file boundaries, more than one call's 1,024 vectors.
  @Test(arguments: [(1_032, 32), (1_000, 0), (2_000, 7)])
  func readsAWholeTrain(stride: Int, payloadOffset: Int) throws {
    let folder = TestFolder()
    folder.file("a.jpg", sampleBytes(1_500_300, seed: 1))
    folder.file("b.jpg", sampleBytes(500, seed: 2))
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    let count = Int(source.layout.totalChunkCount)
    var buffer = [UInt8](repeating: 0xEE, count: count * stride + payloadOffset)
    var checksums: [UInt32] = []
    buffer.withUnsafeMutableBytes { bytes in
      source.read(
        first: 0, count: count, into: bytes, stride: stride, payloadOffset: payloadOffset,
        checksums: &checksums)
    }
    let chunks = readAllChunks(source)
    #expect(checksums == chunks.map(\.checksum))
    for chunk in chunks {
      let start = Int(chunk.index) * stride + payloadOffset
      try #require(
        Array(buffer[start..<start + chunk.payload.count]) == chunk.payload, "chunk \(chunk.index)")
    }
    // What lies between the payloads is left alone.
    #expect(buffer[(stride + payloadOffset + 1_000)..<(2 * stride + payloadOffset)].allSatisfy { $0 == 0xEE })
  }

  /// A digest that is asked for before its file was read: the file is read for it.
  @Test func aDigestIsThereOutOfOrder() throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    var bytes = [UInt8](repeating: 0, count: 4)
    var checksums: [UInt32] = []
    let last = UInt32(source.layout.chunks(ofFile: 2).upperBound - 1)
    bytes.withUnsafeMutableBytes { buffer in
      source.read(
        first: last, count: 1, into: buffer, stride: 4, payloadOffset: 0, checksums: &checksums)
    }
    #expect(bytes == withDigest(sampleBytes(3_000, seed: 3)).suffix(4))
    #expect(checksums == [CRC32.checksum(bytes.span)])
    #expect(source.rereadByteCount == 3_000)
  }

  /// Repairs read chunks again, in any order; the digests stay.
  @Test(arguments: [1, 3, 1_000])
  func repairsCarryTheSameBytes(chunkByteCount: Int) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: chunkByteCount)
    let first = readAllChunks(source)
    for chunk in first.reversed() {
      var payload = [UInt8](repeating: 0, count: chunk.payload.count)
      var checksums: [UInt32] = []
      payload.withUnsafeMutableBytes {
        source.read(
          first: chunk.index, count: 1, into: $0, stride: chunkByteCount, payloadOffset: 0,
          checksums: &checksums)
      }
      try #require(payload == chunk.payload && checksums == [chunk.checksum], "chunk \(chunk.index)")
    }
    #expect(source.rereadByteCount == 0)
  }

  /// Whether the chunks of a file are what a receiver takes for whole.
  private func isWhole(_ file: Int, _ chunks: [SentChunk], _ source: SetSource) -> Bool {
    let row = source.layout.chunks(ofFile: file).flatMap { chunks[Int($0)].payload }
    return CRC32.checksum(row.span) == CRC32.residue
  }

  /// What may happen to a file between the scan and its sending: it fails by name, and the others arrive.
  @Test(
    arguments: ["truncated", "grown", "touched", "removed", "replaced by a pipe"], [1_000, 25_000, 65_475])
  func aFileThatChangedFailsAlone(change: String, chunkByteCount: Int) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: chunkByteCount)
    alter(folder.path("a.jpg"), change)
    let chunks = readAllChunks(source)
    #expect(source.failures == [FileFailure(file: 0, error: .fileChanged(name: "a.jpg"))])
    #expect(!isWhole(0, chunks, source) && isWhole(2, chunks, source))
    // Said once, however often its chunks are asked for again.
    _ = readAllChunks(source)
    #expect(source.failures.count == 1)
  }

  @Test(arguments: ["truncated", "grown", "touched"])
  func aFileThatChangesWhileItIsSentFailsAlone(change: String) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    let total = Int(source.layout.totalChunkCount)
    var buffer = [UInt8](repeating: 0xEE, count: 1_000 * total)
    var checksums: [UInt32] = []
    func read(_ chunks: Range<Int>) {
      buffer.withUnsafeMutableBytes { bytes in
        source.read(
          first: UInt32(chunks.lowerBound), count: chunks.count,
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[(1_000 * chunks.lowerBound)...]),
          stride: 1_000, payloadOffset: 0, checksums: &checksums)
      }
    }
    read(0..<4)
    alter(folder.path("a.jpg"), change)
    read(4..<total)
    #expect(source.failures == [FileFailure(file: 0, error: .fileChanged(name: "a.jpg"))])
    let chunks = checksums.enumerated().map { index, checksum in
      var hint = 0
      let count = source.layout.payloadByteCount(of: UInt32(index), hint: &hint)
      return SentChunk(
        index: UInt32(index), payload: Array(buffer[1_000 * index..<1_000 * index + count]),
        checksum: checksum)
    }
    // A datagram is right in itself, whatever became of the file.
    #expect(chunks.allSatisfy { CRC32.checksum($0.payload.span) == $0.checksum })
    #expect(!isWhole(0, chunks, source) && isWhole(2, chunks, source))
  }

  /// Its bytes and its digest went out: a repair of the digest still carries the right one.
  @Test func aFileThatChangesAfterItWasSentKeepsItsDigest() throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    var chunks = readAllChunks(source)
    alter(folder.path("a.jpg"), "truncated")
    let again = readAllChunks(source)
    let digest = Int(source.layout.chunks(ofFile: 0).upperBound - 1)
    chunks[digest] = again[digest]
    #expect(isWhole(0, chunks, source))
    #expect(source.failures.count == 1 && !isWhole(0, again, source))
  }

  @Test func aFileThatMayNotBeOpenedIsNamed() throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    unlink(folder.path("a.jpg"))
    symlink("a.jpg", folder.path("a.jpg"))
    let chunks = readAllChunks(source)
    #expect(
      source.failures == [
        FileFailure(file: 0, error: .cannotRead(path: folder.path("a.jpg"), errno: ELOOP))
      ])
    #expect(!isWhole(0, chunks, source) && isWhole(2, chunks, source))
  }

  @Test func moreFilesThanDescriptorsAreKeptOpen() throws {
    let folder = TestFolder()
    for index in 0..<200 { folder.file("\(1_000 + index).jpg", sampleBytes(10, seed: UInt64(index))) }
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 100)
    let before = listNames("/proc/self/fd").count
    let chunks = readAllChunks(source)
    #expect(listNames("/proc/self/fd").count < before + 100)
    for index in [0, 63, 64, 199] {
      let place = Int(source.layout.chunks(ofFile: index).lowerBound)
      #expect(chunks[place].payload == withDigest(sampleBytes(10, seed: UInt64(index))))
    }
  }

  /// 4 GiB of nothing in chunks of one byte: 2^32 chunks, the digest's and the manifest's.
  @Test func aSetBeyondTheSequenceSpaceIsRefused() throws {
    let folder = TestFolder()
    folder.file("sparse.jpg", byteCount: 1 << 32)
    let set = try FileScanner.scan(folder.path)
    #expect(
      throws: FileSetError.tooManyChunks(
        count: (1 << 32) + 42, chunkByteCount: 1, sufficientChunkByteCount: 2)
    ) { try SetSource(set, chunkByteCount: 1) }
  }
}

private func alter(_ path: String, _ change: String) {
  switch change {
  case "truncated": truncate(path, 24_990)
  case "grown": truncate(path, 26_000)
  case "touched":
    utimensat(AT_FDCWD, path, [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)], 0)
  case "replaced by a pipe":
    unlink(path)
    mkfifo(path, 0o644)
  default: unlink(path)
  }
}
