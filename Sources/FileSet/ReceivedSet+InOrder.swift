import Wire

/// A set whose files arrive one behind the other, and each from its first byte that is lacking, as over TCP
/// (Specs/chunked-tcp.md §4.10). It is of a `ReceivedSet` with `inOrder`.
extension ReceivedSet {
  /// Takes the manifest as a whole, before any chunk. `encoded`: its bytes, which have the set's identity.
  /// Does nothing when an earlier session has left it. Throws `notEnoughSpace` and `invalidManifest`.
  package func accept(_ manifest: Manifest, encoded: [UInt8]) throws(FileSetError) {
    guard self.manifest == nil else { return }
    let layout = try SetLayout(
      manifestByteCount: encoded.count, fileByteCounts: manifest.entries.map(\.byteCount),
      chunkByteCount: shape.chunkByteCount)
    guard layout.shape == shape else {
      throw .invalidManifest(reason: "it does not have the announced sizes")
    }
    manifestBytes.release()
    acceptedChunkCount += shape.manifestChunkCount
    try take(manifest, layout, encoded: encoded.span)
  }

  /// The first chunks of a file that are here, up to its first lacking one. The manifest is known.
  package func heldChunkCount(ofFile file: Int) -> UInt64 {
    guard let digests, let layout else { return 0 }
    return UInt64(layout.chunks(ofFile: file).count) - UInt64(digests.missingChunkCounts[file])
  }

  /// The files of which chunks are lacking, ascending, and how many of a file's first chunks are here. All
  /// files that are whole must be settled before, because one of them may turn out to have other bytes.
  package func forEachLackingFile(_ body: (_ file: Int, _ heldChunkCount: UInt64) -> Void) {
    guard let digests else { return }
    for (file, missingCount) in digests.missingChunkCounts.enumerated() where missingCount > 0 {
      body(file, heldChunkCount(ofFile: file))
    }
  }
}
