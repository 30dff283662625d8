package import FileSet
package import Ground
package import Session
import Wire

/// How the chunks of a session came: which by a repair, which were rebuilt, and which were asked for. Kept
/// for a window alone.
package struct ReceptionNotes: Sendable {
  package private(set) var repaired: ChunkMap
  package private(set) var rebuilt: ChunkMap
  /// Also those that have arrived since.
  package private(set) var asked: ChunkMap

  package init(chunkCount: UInt64) {
    repaired = ChunkMap(capacity: chunkCount)
    (rebuilt, asked) = (repaired, repaired)
  }

  /// A new chunk came in a repair.
  package mutating func noteRepair(of chunk: UInt32) { repaired.insert(UInt64(chunk)) }

  package mutating func noteRebuilt(_ chunks: [UInt64]) { for chunk in chunks { rebuilt.insert(chunk) } }

  /// A message leaves; of interest is which chunks it asks for.
  mutating func noteSent(_ message: ControlMessage) {
    guard case .nack(let nack) = message else { return }
    for range in nack.missingRanges {
      asked.insert(UInt64(range.first)..<UInt64(range.first) + UInt64(range.count))
    }
  }
}

/// Which chunks of a session are here, at one moment. For the thread of the session alone.
package struct ReceptionSample {
  package let manifest: Manifest
  package let layout: SetLayout
  package let held: ChunkMap
  package let notes: ReceptionNotes
  package let now: Instant
  /// Where a file's bytes are until it has its name.
  package let partPath: (Int) -> String

  package init(
    manifest: Manifest, layout: SetLayout, held: ChunkMap, notes: ReceptionNotes, now: Instant,
    partPath: @escaping (Int) -> String
  ) {
    self.manifest = manifest
    self.layout = layout
    self.held = held
    self.notes = notes
    self.now = now
    self.partPath = partPath
  }
}
