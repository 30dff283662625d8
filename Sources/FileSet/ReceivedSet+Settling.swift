/// Whole files: verified, and given their names.
extension ReceivedSet {
  /// Whether `settle` has something to do.
  package var canSettle: Bool { !isFull && (!whole.isEmpty || checks.current != nil) }

  /// Verifies complete files, gives them their names and reports them: at most `limit` files, of a signed set
  /// at most `limit` MiB, so that a loop can do other work in between. Returns how the set ended; nil while
  /// that is not known.
  package func settle(atMost limit: Int = .max) -> SetOutcome? {
    guard let manifest, let digests else { return nil }
    var left = limit
    while left > 0, !isFull, let file = checks.current?.file ?? whole.next(manifest) {
      left -= 1
      let entry = manifest.entries[file]
      guard let segments = manifest.segments, entry.byteCount > 0, !store.tooLarge.contains(file) else {
        settle(file, entry, digests.digests(ofFile: file))
        continue
      }
      guard let checksum = checkSegments(ofFile: file, entry, segments) else { continue }
      tellArrival(of: file)
      settle(file, entry, (checksum, checksum))
    }
    return whole.takenCount == manifest.entries.count && checks.current == nil ? outcome : nil
  }

  /// The next thing that happened, nil when all are told.
  package func nextEvent() -> ReceivedEvent? { events.next() }

  /// The outcome when the set ends now: every file that does not have its name yet is a failure. The parts
  /// are removed with the store.
  package func abandon() -> SetOutcome {
    _ = settle()
    guard let manifest, let digests else { return outcome }
    var result = outcome
    if let shortage { result.failures += postponed.map { FileFailure(file: $0, error: shortage) } }
    for file in manifest.entries.indices where digests.missingChunkCounts[file] > 0 {
      result.failures.append(
        FileFailure(
          file: file,
          error: .incomplete(
            name: manifest.entries[file].name, missingChunkCount: digests.missingChunkCounts[file])))
    }
    return result
  }

  /// A file of an earlier session has other bytes now. It is received again.
  func forget(_ file: Int) {
    guard let layout else { return }
    let chunks = layout.chunks(ofFile: file)
    delivered.remove(file)
    digests?.remove(file)
    whole.takeBack()
    acceptedChunkCount -= UInt64(chunks.count)
    forgotten.append(chunks)
  }

  func noteFailure(_ file: Int, _ error: FileSetError) {
    outcome.failures.append(FileFailure(file: file, error: error))
    events.append(.fileFailed(file: file, error: error))
  }

  private func noteVerified(_ file: Int, path: String) {
    outcome.verifiedFileCount += 1
    events.append(.fileVerified(file: file, path: path))
  }

  private func settle(
    _ file: Int, _ entry: ManifestEntry, _ digests: (sent: UInt32, computed: UInt32)
  ) {
    let (sent, computed) = digests
    if entry.byteCount == 0 {
      events.append(.fileArrived(file: file, partPath: store.partPath(ofFile: file)))
    }
    do throws(FileSetError) {
      guard sent == computed else {
        throw .checksumMismatch(name: entry.name, expected: sent, computed: computed)
      }
      if delivered.contains(file) {
        let isRead = manifest?.segments != nil
        guard isRead || !store.verifies || store.hasBytes(entry, checksum: sent) else { return forget(file) }
        outcome.earlierFileCount += 1
        return noteVerified(file, path: store.path(of: entry))
      }
      try store.settle(file: file, entry: entry)
      let path = try store.deliver(
        file: file, entry: entry, checksum: computed, segments: manifest?.segments)
      if entry.byteCount > 0 { outcome.newFileCount += 1 }
      noteVerified(file, path: path)
    } catch {
      if error.isFullDisk { return postpone(file, error) }
      store.discard(file: file)
      noteFailure(file, error)
    }
  }
}
