import Testing
import Wire

/// The numbers of an announce; each test spoils one.
struct Announced: Sendable {
  var fileByteCount: UInt64 = 2_500
  var fileChunkCount: UInt64 = 3
  var manifestByteCount = 60
  var fileCount = 2
  var chunkByteCount = 1_000

  var shape: SetShape {
    SetShape(
      chunkByteCount: chunkByteCount, manifestByteCount: manifestByteCount, fileCount: fileCount,
      fileByteCount: fileByteCount, fileChunkCount: fileChunkCount)
  }
}

@Suite struct SetShapeTests {
  @Test(arguments: [(0, UInt64(0)), (1, 1), (1_000, 1), (1_001, 2), (2_000, 2)])
  func countsFollow(manifestByteCount: Int, chunkCount: UInt64) {
    let shape = Announced(manifestByteCount: manifestByteCount).shape
    #expect(shape.manifestChunkCount == chunkCount)
    #expect(shape.chunkCount == 3 + chunkCount)
  }

  /// Two files, an empty one and one whose digest needs a chunk of its own.
  @Test func countsFollowFromTheFiles() throws {
    let shape = SetShape(chunkByteCount: 1_000, manifestByteCount: 100, fileByteCounts: [996, 0, 997])
    #expect(shape.fileCount == 3 && shape.fileByteCount == 1_993)
    #expect(shape.fileChunkCount == 3 && shape.chunkCount == 4)
    try shape.check()
  }

  @Test(arguments: [(1_472, 1_440), (65_507, 65_475), (100_000, 65_475), (33, 1), (32, 1), (-1, 1)])
  func aDatagramHasRoomForItsHeaderAndAChunk(datagramByteCount: Int, chunkByteCount: Int) {
    #expect(SetShape.chunkByteCount(inDatagramOf: datagramByteCount) == chunkByteCount)
  }

  /// One file takes the fewest chunks, two files whose last chunks have one byte each the most.
  @Test(arguments: [
    Announced(fileChunkCount: 4), Announced(fileByteCount: 2_996), Announced(manifestByteCount: 50),
    Announced(manifestByteCount: 8_240), Announced(fileByteCount: 1, fileChunkCount: 1),
    Announced(fileByteCount: 0, fileChunkCount: 0),
    Announced(fileByteCount: 0, fileChunkCount: 0, manifestByteCount: 8, fileCount: 0),
    Announced(fileByteCount: 2, fileChunkCount: 10, chunkByteCount: 1),
    Announced(
      fileByteCount: 0, fileChunkCount: 0, manifestByteCount: 268_435_448, fileCount: 12_782_640),
  ])
  func theEdgesArePossible(announced: Announced) throws {
    try announced.shape.check()
  }

  /// Every split of the bytes into files lies between the fewest chunks and the most.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 10])
  func everySplitIsPossible(chunkByteCount: Int) throws {
    for first in UInt64(0)...30 {
      for second in UInt64(0)...30 {
        try SetShape(
          chunkByteCount: chunkByteCount, manifestByteCount: 60, fileByteCounts: [first, second]
        ).check()
      }
    }
  }

  @Test(arguments: [
    Announced(chunkByteCount: 0), Announced(chunkByteCount: 65_476), Announced(fileCount: -1),
    Announced(fileCount: 1 << 24), Announced(manifestByteCount: 1 << 28, fileCount: 12_782_641),
    Announced(fileCount: .max), Announced(manifestByteCount: 8_241), Announced(manifestByteCount: 49),
    Announced(manifestByteCount: 1 << 29),
    Announced(fileByteCount: 1 << 63), Announced(fileByteCount: 2_997), Announced(fileChunkCount: 2),
    Announced(fileByteCount: 0), Announced(manifestByteCount: 8, fileCount: 0),
    Announced(fileByteCount: 2, fileChunkCount: 11, chunkByteCount: 1),
    Announced(fileByteCount: 2), Announced(fileChunkCount: 5), Announced(manifestByteCount: -1),
    Announced(fileByteCount: .max, fileChunkCount: .max),
  ])
  func impossibleNumbersAreRefused(announced: Announced) {
    #expect {
      try announced.shape.check()
    } throws: { error in
      guard case .fieldOutOfRange = error as? WireError else { return false }
      return true
    }
  }

  @Test(
    arguments: [
      (Announced(fileByteCount: (1 << 32) - 4, fileChunkCount: 1 << 32, chunkByteCount: 1), (1 << 32) + 60),
      (Announced(fileChunkCount: (1 << 32) + 1), (1 << 32) + 2), (Announced(fileChunkCount: .max), .max),
    ] as [(Announced, UInt64)])
  func moreChunksThanTheSequenceSpaceAreRefused(announced: Announced, chunkCount: UInt64) {
    #expect(throws: WireError.beyondSequenceSpace(chunkCount: chunkCount)) { try announced.shape.check() }
  }
}
