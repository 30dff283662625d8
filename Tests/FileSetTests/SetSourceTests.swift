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
    let chunks = try readAllChunks(source)
    let layout = source.layout
    func bytes(_ range: Range<UInt64>) -> [UInt8] { range.flatMap { chunks[Int($0)].payload } }
    let manifest = bytes(layout.manifestChunks)
    #expect(try Manifest(decoding: manifest.span) == source.manifest)
    #expect(SetIdentity(of: manifest.span) == source.shape.identity)
    #expect(bytes(layout.chunks(ofFile: 0)) == withDigest(sampleBytes(25_000, seed: 1)))
    #expect(bytes(layout.chunks(ofFile: 1)).isEmpty)
    #expect(bytes(layout.chunks(ofFile: 2)) == withDigest(sampleBytes(3_000, seed: 3)))
    #expect(source.rereadByteCount == 0)
  }

  /// A path that carries less than was announced first: the same bytes, as if it had been cut so from the start.
  @Test(arguments: [1, 999, 1_220, 65_475])
  func cutAnewItIsAnotherRowOfTheSameBytes(chunkByteCount: Int) throws {
    let folder = sampleFolder()
    let set = try FileScanner.scan(folder.path)
    let source = try SetSource(set, chunkByteCount: 1_440)
    let foretold = try source.shape(chunkByteCount: chunkByteCount)
    try source.recut(chunkByteCount: chunkByteCount)
    let other = try SetSource(set, chunkByteCount: chunkByteCount)
    #expect(source.shape == other.shape && foretold == other.shape)
    #expect(try readAllChunks(source).map(\.payload) == readAllChunks(other).map(\.payload))
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
    try buffer.withUnsafeMutableBytes { bytes in
      try source.read(
        first: 0, count: count, into: bytes, stride: stride, payloadOffset: payloadOffset,
        checksums: &checksums)
    }
    let chunks = try readAllChunks(source)
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
    try bytes.withUnsafeMutableBytes { buffer in
      try source.read(
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
    let first = try readAllChunks(source)
    for chunk in first.reversed() {
      var payload = [UInt8](repeating: 0, count: chunk.payload.count)
      var checksums: [UInt32] = []
      try payload.withUnsafeMutableBytes {
        try source.read(
          first: chunk.index, count: 1, into: $0, stride: chunkByteCount, payloadOffset: 0,
          checksums: &checksums)
      }
      try #require(payload == chunk.payload && checksums == [chunk.checksum], "chunk \(chunk.index)")
    }
    #expect(source.rereadByteCount == 0)
  }

  /// What may happen to a file between the scan and its sending.
  @Test(arguments: ["truncated", "grown", "touched", "removed", "replaced by a pipe"])
  func aFileThatChangedIsNoticedWhenItIsOpened(change: String) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    alter(folder.path("a.jpg"), change)
    #expect(throws: FileSetError.fileChanged(name: "a.jpg")) { try readAllChunks(source) }
  }

  @Test(arguments: ["truncated", "grown", "touched"])
  func aFileThatChangesWhileItIsSentIsNoticed(change: String) throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    var buffer = [UInt8](repeating: 0, count: 30_000)
    let first = UInt32(source.layout.chunks(ofFile: 0).lowerBound)
    func read(_ chunk: UInt32, _ count: Int) throws {
      var checksums: [UInt32] = []
      try buffer.withUnsafeMutableBytes { bytes in
        try source.read(
          first: chunk, count: count, into: bytes, stride: 1_000, payloadOffset: 0, checksums: &checksums)
      }
    }
    try read(first, 3)
    alter(folder.path("a.jpg"), change)
    #expect(throws: FileSetError.fileChanged(name: "a.jpg")) { try read(first + 3, 22) }
  }

  @Test func aFileThatMayNotBeOpenedIsNamed() throws {
    let folder = sampleFolder()
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 1_000)
    unlink(folder.path("a.jpg"))
    symlink("a.jpg", folder.path("a.jpg"))
    #expect(throws: FileSetError.cannotRead(path: folder.path("a.jpg"), errno: ELOOP)) {
      try readAllChunks(source)
    }
  }

  @Test func moreFilesThanDescriptorsAreKeptOpen() throws {
    let folder = TestFolder()
    for index in 0..<200 { folder.file("\(1_000 + index).jpg", sampleBytes(10, seed: UInt64(index))) }
    let source = try SetSource(FileScanner.scan(folder.path), chunkByteCount: 100)
    let before = listNames("/proc/self/fd").count
    let chunks = try readAllChunks(source)
    #expect(listNames("/proc/self/fd").count < before + 100)
    for index in [0, 63, 64, 199] {
      let place = Int(source.layout.chunks(ofFile: index).lowerBound)
      #expect(chunks[place].payload == sampleBytes(10, seed: UInt64(index)))
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
