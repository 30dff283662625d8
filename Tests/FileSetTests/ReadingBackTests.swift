import FileSet
import Glibc
import Testing

/// Chunks that were stored, read back for the blocks of parity.
@Suite struct ReadingBackTests {
  /// A set of one file, and a receiver that has nothing of it.
  private struct OneFile {
    let inbox = TestFolder()
    let source: SetSource
    let set: ReceivedSet
    let chunks: [SentChunk]
    private let sent = TestFolder()

    init() throws {
      sent.file("a.jpg", sampleBytes(3_480))
      let scanned = try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true))
      source = try SetSource(scanned, chunkByteCount: 500)
      set = try ReceivedSet(
        shape: source.shape, identity: source.identity, store: PartStore(inboxPath: inbox.path, sessionID: 7))
      chunks = readAllChunks(source)
    }
  }

  @Test(arguments: [100, 1_000])
  func chunksOfSeveralFilesComeBackAsTheyWere(chunkByteCount: Int) throws {
    let (sent, inbox) = (TestFolder(), TestFolder())
    for (name, byteCount) in [("a.jpg", 2_500), ("b.jpg", 700), ("c.jpg", 3_998)] {
      sent.file(name, sampleBytes(byteCount, seed: UInt64(byteCount)))
    }
    let source = try SetSource(
      try FileScanner.scan(sent.path, options: ScanOptions(allFiles: true)), chunkByteCount: chunkByteCount)
    let set = try ReceivedSet(
      shape: source.shape, identity: source.identity, store: PartStore(inboxPath: inbox.path, sessionID: 7))
    let chunks = readAllChunks(source)
    for chunk in chunks { try #require(set.accept(chunk) == .accepted) }
    let first = Int(source.layout.manifestChunks.upperBound)
    let count = chunks.count - first
    var buffer = [UInt8](repeating: 0, count: count * chunkByteCount)
    var byteCounts: [Int: Int] = [:]
    buffer.withUnsafeMutableBytes { buffer in
      set.readBack(first: UInt32(first), count: count, into: buffer) { byteCounts[$0] = $1 }
    }
    for place in 0..<count {
      let payload = chunks[first + place].payload
      #expect(byteCounts[place] == payload.count)
      #expect(Array(buffer[place * chunkByteCount..<place * chunkByteCount + payload.count]) == payload)
    }
  }

  /// Chunks of files that came before the manifest, one by one and several in a run.
  @Test(arguments: [1, 2, 3])
  func chunksThatWaitForTheManifestComeBack(runLength: Int) throws {
    let transfer = try OneFile()
    let set = transfer.set
    let files = Array(transfer.chunks.dropFirst(Int(transfer.source.layout.manifestChunks.upperBound)))
    for start in stride(from: 0, to: files.count - 1, by: runLength) {
      let run = files[start..<min(start + runLength, files.count - 1)]
      try #require(set.accept(Array(run)) == .accepted)
    }
    func readBack(_ chunk: UInt32, room: Int = 500) -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: room)
      return buffer.withUnsafeMutableBytes { set.readBack(chunk, into: $0) }.map { Array(buffer[..<$0]) }
    }
    for chunk in files.dropLast() { #expect(readBack(chunk.index) == chunk.payload, "chunk \(chunk.index)") }
    #expect(readBack(files[files.count - 1].index) == nil, "it has not come")
    #expect(readBack(files[0].index, room: 499) == nil, "too little room")
    // The last one is short.
    let last = files[files.count - 1]
    try #require(set.accept(last) == .accepted)
    #expect(last.payload.count < 500 && readBack(last.index) == last.payload)
  }

  /// A file that was moved away and is back is read again.
  @Test func aFileThatIsBackIsRead() throws {
    let transfer = try OneFile()
    let set = transfer.set
    for chunk in transfer.chunks { try #require(set.accept(chunk) == .accepted) }
    #expect(set.settle()?.isWhole == true)
    let last = transfer.chunks[transfer.chunks.count - 1]
    func readLast() -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: 500)
      return buffer.withUnsafeMutableBytes { set.readBack(last.index, into: $0) }.map { Array(buffer[..<$0]) }
    }
    rename(transfer.inbox.path("a.jpg"), transfer.inbox.path("b.jpg"))
    #expect(readLast() == nil)
    rename(transfer.inbox.path("b.jpg"), transfer.inbox.path("a.jpg"))
    #expect(readLast() == last.payload)
  }
}
