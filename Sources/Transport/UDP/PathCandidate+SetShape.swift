import FileSet
import Ground
import Session
import Wire

extension PathCandidate {
  /// The set cut into chunks of one size, as an announce states it. The machine fills in the group's size and
  /// the times.
  init(_ shape: SetShape, isGroup: Bool) {
    let announce = Announce(
      setIdentity: shape.identity, totalFileByteCount: shape.fileByteCount,
      fileChunkCount: shape.fileChunkCount, manifestByteCount: UInt32(shape.manifestByteCount),
      fileCount: UInt32(shape.fileCount), groupSize: 1, timestamp: 0,
      chunkByteCount: UInt16(shape.chunkByteCount), options: isGroup ? .group : [],
      grttCode: GrttCode(nanoseconds: .milliseconds(100)), blockChunkCount: 0, maxParityCount: 0)
    self.init(
      announce: announce,
      shape: SessionShape(
        chunkByteCount: shape.chunkByteCount, manifestChunkCount: shape.manifestChunkCount,
        fileChunkCount: shape.fileChunkCount))
  }
}
