package import FileSet
package import Ground
package import Session
package import Wire

/// What is known of one chunk that was asked for.
package struct ChunkStory: Sendable, Equatable {
  package var nackCount = 0
  package var firstAskedAt: Instant
  /// Of the datagram that brought it; nil while it is not here, and for one that was rebuilt.
  package var packetNumber: UInt32?
  package var arrivedAt: Instant?
}

/// How the chunks of a session came: which by a repair, which were rebuilt, and which were asked for. Kept
/// for a window alone.
package struct ReceptionNotes: Sendable {
  /// Chunks whose stories are kept, at most; and of one NACK.
  package static let (storyLimit, storiesPerNack) = (16_384, 4_096)

  package private(set) var repaired: ChunkMap
  package private(set) var rebuilt: ChunkMap
  /// Also those that have arrived since.
  package private(set) var asked: ChunkMap
  /// Of the first `storyLimit` chunks that were asked for.
  package private(set) var stories: [UInt64: ChunkStory] = [:]
  package let began: Instant

  package init(chunkCount: UInt64, began: Instant = .zero) {
    self.began = began
    repaired = ChunkMap(capacity: chunkCount)
    (rebuilt, asked) = (repaired, repaired)
  }

  /// A new chunk is here.
  mutating func noteArrival(of data: DataDatagram, now: Instant) {
    let chunk = UInt64(data.chunkIndex)
    if data.flags.contains(.repair) { noteRepair(of: data.chunkIndex) }
    guard asked.contains(chunk), stories[chunk] != nil else { return }
    stories[chunk]?.packetNumber = data.packetNumber
    stories[chunk]?.arrivedAt = now
  }

  /// A new chunk came in a repair.
  package mutating func noteRepair(of chunk: UInt32) { repaired.insert(UInt64(chunk)) }

  package mutating func noteRebuilt(_ chunks: [UInt64]) { for chunk in chunks { rebuilt.insert(chunk) } }

  /// A message leaves; of interest is which chunks it asks for.
  package mutating func noteSent(_ message: ControlMessage, now: Instant) {
    guard case .nack(let nack) = message else { return }
    var room = Self.storiesPerNack
    for range in nack.missingRanges {
      let chunks = UInt64(range.first)..<UInt64(range.first) + UInt64(range.count)
      asked.insert(chunks)
      for chunk in chunks.prefix(room) {
        guard stories[chunk] != nil || stories.count < Self.storyLimit else { break }
        stories[chunk, default: ChunkStory(firstAskedAt: now)].nackCount += 1
      }
      room = max(0, room - chunks.count)
    }
  }
}

/// What a receiver has counted so far: what a window draws rates from.
package struct ReceptionTraffic: Sendable, Equatable {
  /// Datagrams of the sender that arrived, and their bytes of UDP payload.
  package var datagramCount: UInt64 = 0
  package var byteCount: UInt64 = 0
  /// Datagrams that the sender sent from the first to the last of these.
  package var sentCount: UInt64 = 0
  package var nackCount: UInt64 = 0

  package init() {}

  package init(_ machine: ReceiverMachine) {
    datagramCount = machine.counters.datagrams
    byteCount = machine.counters.byteCount
    sentCount = machine.packetSpan ?? 0
    nackCount = machine.counters.nacksSent
  }
}

/// Which chunks of a session are here, at one moment. For the thread of the session alone.
package struct ReceptionSample {
  package let manifest: Manifest
  package let layout: SetLayout
  package let held: ChunkMap
  package let notes: ReceptionNotes
  package let now: Instant
  package var traffic = ReceptionTraffic()
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
