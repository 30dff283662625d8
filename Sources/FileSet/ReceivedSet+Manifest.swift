import Wire

/// Runs of chunks before the manifest is known, when only the announce tells their places.
extension ReceivedSet {
  /// Whether `accept` would keep `chunk` now, behind `pendingCount` full file chunks that it has not been
  /// given yet. The manifest's chunks are always kept, because the held chunks wait for them.
  package func canKeep(_ chunk: UInt32, pendingCount: Int) -> Bool {
    if layout != nil { return !isFull }
    return UInt64(chunk) < shape.manifestChunkCount
      || held.canHold(byteCount: (pendingCount + 1) * shape.chunkByteCount)
  }

  /// The parts of the run in the manifest and in files, as known from the announce alone; nil when a
  /// payload's length is wrong.
  func partsBeforeManifest(_ run: PayloadRun) -> (manifest: PayloadRun?, files: PayloadRun?)? {
    let manifest = part(of: run, in: 0..<shape.manifestChunkCount)
    let files = part(of: run, in: shape.manifestChunkCount..<shape.chunkCount)
    if let manifest, !isRightLength(manifest) { return nil }
    if let files, !(1...shape.chunkByteCount).contains(files.lastByteCount) { return nil }
    return (manifest, files)
  }

  /// Whether the last payload of a run of the manifest's chunks is as long as it must be.
  private func isRightLength(_ run: PayloadRun) -> Bool {
    let end = shape.manifestChunkCount
    let isLast = UInt64(run.first) + UInt64(run.count) == end
    let full = shape.chunkByteCount
    return run.lastByteCount == (isLast ? shape.manifestByteCount - Int(end - 1) * full : full)
  }

  /// The chunks of `run` in `chunks`; nil when there are none.
  private func part(of run: PayloadRun, in chunks: Range<UInt64>) -> PayloadRun? {
    let all = UInt64(run.first)..<(UInt64(run.first) + UInt64(run.count))
    let common = all.clamped(to: chunks)
    guard !common.isEmpty else { return nil }
    let skipped = Int(common.lowerBound - all.lowerBound)
    return PayloadRun(
      first: UInt32(common.lowerBound), count: common.count, base: run.payload(at: skipped),
      stride: run.stride,
      lastByteCount: common.upperBound == all.upperBound ? run.lastByteCount : shape.chunkByteCount,
      checksums: run.checksums + skipped)
  }
}
