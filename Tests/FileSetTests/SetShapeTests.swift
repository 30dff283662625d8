import Checksum
import FileSet
import Testing

/// The numbers of an announce; each test spoils one.
struct Announced: Sendable {
  var fileByteCount: UInt64 = 2_500
  var fileChunkCount: UInt64 = 3
  var manifestByteCount = 60
  var trailerByteCount = 16
  var fileCount = 2
  var chunkByteCount = 1_000

  func shape() throws(FileSetError) -> SetShape {
    try SetShape(
      identity: SetIdentity(high: 1, low: 2), fileByteCount: fileByteCount, fileChunkCount: fileChunkCount,
      manifestByteCount: manifestByteCount, trailerByteCount: trailerByteCount, fileCount: fileCount,
      chunkByteCount: chunkByteCount)
  }
}

@Suite struct SetShapeTests {
  @Test func countsFollow() throws {
    let shape = try Announced().shape()
    #expect(shape.manifestChunkCount == 1)
    #expect(shape.trailerChunkCount == 1)
    #expect(shape.totalChunkCount == 5)
  }

  @Test(arguments: [
    Announced(chunkByteCount: 0), Announced(chunkByteCount: 65_476), Announced(fileCount: -1),
    Announced(fileCount: 1 << 25), Announced(manifestByteCount: 49), Announced(manifestByteCount: 1 << 29),
    Announced(trailerByteCount: 12), Announced(fileByteCount: 1 << 63), Announced(fileByteCount: 3_001),
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
    let announced = Announced(fileByteCount: 1 << 32, fileChunkCount: 1 << 32, chunkByteCount: 1)
    #expect(
      throws: FileSetError.tooManyChunks(
        count: (1 << 32) + 76, chunkByteCount: 1, sufficientChunkByteCount: nil)
    ) { try announced.shape() }
  }
}
