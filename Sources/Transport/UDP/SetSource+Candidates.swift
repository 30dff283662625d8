import FileSet
import Ground
import Session
import Wire

/// The set cut into chunks of one size, as an announce states it.
extension SetSource {
  /// Throws `tooManyChunks`.
  func candidate(
    chunkByteCount: Int, isGroup: Bool, parity: ParityChoice.Blocks? = nil
  ) throws(FileSetError) -> PathCandidate {
    candidate(try shape(chunkByteCount: chunkByteCount), isGroup: isGroup, parity: parity)
  }

  /// The machine fills in the group's size and the times.
  func candidate(
    _ shape: SetShape, isGroup: Bool, isOneWay: Bool = false, parity: ParityChoice.Blocks? = nil
  ) -> PathCandidate {
    var options: AnnounceOptions = isGroup ? .group : []
    if isOneWay { options.insert(.oneWay) }
    if parity != nil { options.insert(.parity) }
    return PathCandidate(
      announce: Announce(
        setIdentity: identity, shape: shape, groupSize: 1, timestamp: 0, options: options,
        grttCode: GrttCode(nanoseconds: .milliseconds(100)), blockChunkCount: parity?.chunkCount ?? 0,
        maxParityCount: parity?.maxSymbolCount ?? 0, blockStride: parity?.stride ?? 0))
  }
}
