import Checksum
import FileSet
import Testing

/// The numbers of an announce; each test spoils one.
struct Announced: Sendable {
  var fileByteCount: UInt64 = 2_500
  var fileChunkCount: UInt64 = 3
  var manifestByteCount = 60
  var fileCount = 2
  var chunkByteCount = 1_000

  func shape() throws(FileSetError) -> SetShape {
    try SetShape(
      identity: SetIdentity(high: 1, low: 2), fileByteCount: fileByteCount, fileChunkCount: fileChunkCount,
      manifestByteCount: manifestByteCount, fileCount: fileCount,
      chunkByteCount: chunkByteCount)
  }
}

@Suite struct SetShapeTests {
  @Test func countsFollow() throws {
    let shape = try Announced().shape()
    #expect(shape.manifestChunkCount == 1)
    #expect(shape.totalChunkCount == 4)
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
    _ = try announced.shape()
  }

  /// Every split of the bytes into files lies between the fewest chunks and the most.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 10])
  func everySplitIsPossible(chunkByteCount: Int) throws {
    for first in UInt64(0)...30 {
      for second in UInt64(0)...30 {
        let layout = try SetLayout(
          manifestByteCount: 60, fileByteCounts: [first, second], chunkByteCount: chunkByteCount)
        _ = try Announced(
          fileByteCount: first + second, fileChunkCount: UInt64(layout.fileChunks.count),
          chunkByteCount: chunkByteCount
        ).shape()
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
    Announced(fileByteCount: 2), Announced(fileChunkCount: 5), Announced(fileChunkCount: (1 << 32) + 1),
    Announced(fileByteCount: .max, fileChunkCount: .max),
  ])
  func impossibleAnnouncementsAreRefused(announced: Announced) {
    #expect {
      try announced.shape()
    } throws: { error in
      guard case .invalidAnnouncement = error as? FileSetError else { return false }
      return true
    }
  }

  @Test func moreChunksThanTheSequenceSpaceAreRefused() {
    let announced = Announced(fileByteCount: (1 << 32) - 4, fileChunkCount: 1 << 32, chunkByteCount: 1)
    #expect(
      throws: FileSetError.tooManyChunks(
        count: (1 << 32) + 60, chunkByteCount: 1, sufficientChunkByteCount: nil)
    ) { try announced.shape() }
  }
}
