import FileSet
import Testing

@Suite struct SetLayoutTests {
  /// Every chunk's place, against a list made byte by byte.
  @Test(arguments: [1, 2, 7, 10, 1_440])
  func placesAgreeWithASlowList(chunkByteCount: Int) throws {
    let sizes: [UInt64] = [0, 25, 0, 0, 1, 10, 20, 0, 9, 11, 0]
    let layout = try SetLayout(
      manifestByteCount: 33, fileByteCounts: sizes, chunkByteCount: chunkByteCount)
    let parts: [(ChunkKind, UInt64)] =
      [(.manifest, 33)]
      + sizes.enumerated().map { (.file($0.offset), $0.element == 0 ? 0 : $0.element + 4) }
    var expected: [(ChunkKind, UInt64, Int)] = []
    for (kind, byteCount) in parts {
      for offset in stride(from: 0, to: byteCount, by: chunkByteCount) {
        expected.append((kind, offset, Int(min(UInt64(chunkByteCount), byteCount - offset))))
      }
    }
    #expect(layout.totalChunkCount == UInt64(expected.count))
    var forward = 0
    for (index, place) in expected.enumerated() {
      var astray = Int(index * 7 % 13) - 1  // a hint may be anything
      for run in [
        layout.run(from: UInt32(index), limit: 1, hint: &forward),
        layout.run(from: UInt32(index), limit: 1, hint: &astray),
      ] {
        #expect(run.kind == place.0 && run.offset == place.1 && run.byteCount == place.2 && run.count == 1)
      }
      #expect(layout.payloadByteCount(of: UInt32(index), hint: &astray) == place.2)
    }
  }

  @Test func runsEndWithTheirFile() throws {
    let layout = try SetLayout(
      manifestByteCount: 30, fileByteCounts: [21, 0, 36], chunkByteCount: 10)
    var hint = 0
    #expect(
      layout.run(from: 0, limit: 100, hint: &hint)
        == ChunkRun(kind: .manifest, first: 0, count: 3, offset: 0, byteCount: 30, lastByteCount: 10))
    #expect(
      layout.run(from: 4, limit: 100, hint: &hint)
        == ChunkRun(kind: .file(0), first: 4, count: 2, offset: 10, byteCount: 15, lastByteCount: 5))
    #expect(
      layout.run(from: 6, limit: 3, hint: &hint)
        == ChunkRun(kind: .file(2), first: 6, count: 3, offset: 0, byteCount: 30, lastByteCount: 10))
    #expect(layout.chunks(ofFile: 1).isEmpty)
    #expect(layout.fileChunks == 3..<10)
  }

  @Test func theLargestSetFits() throws {
    let layout = try SetLayout(
      manifestByteCount: 1, fileByteCounts: [(1 << 32) - 5, 0, 0], chunkByteCount: 1)
    #expect(layout.totalChunkCount == 1 << 32)
    #expect(layout.chunks(ofFile: 0) == 1..<(1 << 32))
    // Files without chunks are behind the last number that a chunk can have.
    #expect(layout.chunks(ofFile: 1).isEmpty && layout.chunks(ofFile: 2).isEmpty)
    var hint = 0
    #expect(layout.run(from: .max, limit: 1, hint: &hint).kind == .file(0))
    hint = 2
    #expect(layout.run(from: .max - 1, limit: 1, hint: &hint).offset == (1 << 32) - 3)
  }

  @Test func oneChunkMoreIsRefusedWithTheSizeThatWouldDo() {
    #expect(
      throws: FileSetError.tooManyChunks(
        count: (1 << 32) + 1, chunkByteCount: 1, sufficientChunkByteCount: 2)
    ) {
      try SetLayout(
        manifestByteCount: 1, fileByteCounts: [(1 << 32) - 4], chunkByteCount: 1)
    }
    // 8 TiB in chunks of 1,440 bytes: 2^43 / 2^32 = 2,048, and a little for manifest and digest.
    #expect(
      throws: FileSetError.tooManyChunks(
        count: 6_108_397_934, chunkByteCount: 1_440, sufficientChunkByteCount: 2_049)
    ) {
      try SetLayout(
        manifestByteCount: 30, fileByteCounts: [1 << 43], chunkByteCount: 1_440)
    }
  }

  @Test func setsThatNoChunkSizeCarries() {
    let sizes = [UInt64](repeating: UInt64(Int64.max), count: 4)
    #expect {
      try SetLayout(manifestByteCount: 30, fileByteCounts: sizes, chunkByteCount: 1)
    } throws: { error in
      guard case .tooManyChunks(_, 1, nil) = error as? FileSetError else { return false }
      return true
    }
  }

  @Test(arguments: [0, -1, 65_476])
  func chunkSizesOutsideTheRangeAreRefused(chunkByteCount: Int) {
    #expect(throws: FileSetError.invalidAnnouncement(reason: "chunks of \(chunkByteCount) bytes")) {
      try SetLayout(
        manifestByteCount: 8, fileByteCounts: [], chunkByteCount: chunkByteCount)
    }
  }
}
