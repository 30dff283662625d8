package import Ground
import Wire

/// What a set leaves for a later session, Specs/resume.md.
extension ReceivedSet {
  /// Writes down which chunks are here. The owner calls this some times a second.
  package func save(now: Instant) {
    guard let manifest, let map = store.map else { return }
    map.save(
      now: now, manifest: manifest, work: store.work.descriptor, inbox: store.folders.inbox.number,
      records: store.records)
  }

  /// Waits until what `save` began to bring to the disk is there.
  package func waitForSync() { store.map?.waitForSync(store.records) }

  /// The session is over: the parts stay for a later one, if `keepsParts` and some are here. Returns whether
  /// they do.
  package func close(keepsParts: Bool) -> Bool {
    let isUnfinished = !hasAllChunks || !postponed.isEmpty
    let hasParts = acceptedChunkCount > shape.manifestChunkCount && isUnfinished
    let keeps = keepsParts && hasParts && store.map != nil && store.work.isKept
    store.close(keepsParts: keeps)
    return keeps
  }
}
