import FileSet
import Testing

/// Chunks that were stored, read back for the blocks of parity.
@Suite struct ReadingBackTests {
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
}
