package import Session

/// What a side of a session had and had done at one moment of its trace.
package struct ReplayState: Sendable {
  /// A receiver: the chunks that are here. A sender: those that it has sent.
  package private(set) var held: ChunkMap
  /// Of these: those that came, or were sent again, in a repair.
  package private(set) var repaired: ChunkMap
  /// A receiver: those that were rebuilt from parity.
  package private(set) var rebuilt: ChunkMap
  /// A receiver: those that it has asked for, also when they have arrived since. A sender: those that it was
  /// asked for, and has not sent since.
  package private(set) var asked: ChunkMap
  package private(set) var counts = ReplayCounts()

  init(chunkCount: UInt64) {
    held = ChunkMap(capacity: chunkCount)
    (repaired, rebuilt, asked) = (held, held, held)
  }

  mutating func apply(_ step: ReplayStep, _ effects: ArraySlice<ReplayEffect>, _ role: TraceRole) {
    counts.add(step, role)
    if step.kind == .data {
      let chunk = UInt64(step.chunk)
      switch (role, step.event) {
      case (.receiver, .received):
        if held.insert(chunk) {
          if step.isRepair { repaired.insert(chunk) }
        } else {
          counts.duplicates += 1
        }
      case (.sender, .sent):
        held.insert(chunk)
        asked.remove(chunk)
        if step.isRepair { repaired.insert(chunk) }
      default: break
      }
    }
    for effect in effects { apply(effect, role) }
  }

  mutating func apply(_ effect: ReplayEffect, _ role: TraceRole) {
    let chunks = effect.chunks(of: held.capacity)
    switch effect.kind {
    case .asked:
      asked.insert(chunks)
      counts.chunksAskedFor += UInt64(effect.count)
    case .resumed: held.insert(chunks)
    case .rebuilt:
      held.insert(chunks)
      rebuilt.insert(chunks)
    case .forgotten: for chunk in chunks { held.remove(chunk) }
    case .settled: asked = ChunkMap(capacity: held.capacity)
    case .began:
      // A sender's report counts what it sent before, a receiver's begins with its first chunk.
      let counts = role == .sender ? counts : ReplayCounts()
      self = ReplayState(chunkCount: held.capacity)
      self.counts = counts
    }
  }
}

/// What was counted up to one moment of a trace.
package struct ReplayCounts: Sendable, Equatable {
  /// Datagrams in the direction of the chunks, and their bytes of UDP payload.
  package var datagrams: UInt64 = 0
  package var byteCount: UInt64 = 0
  /// Of the datagrams: repairs, parity, and (at a receiver) chunks that were here already.
  package var repairs: UInt64 = 0
  package var parity: UInt64 = 0
  package var duplicates: UInt64 = 0
  /// A receiver: packet numbers that did not arrive. A sender: what its receivers have reported, or was
  /// dropped on purpose.
  package var lost: UInt64 = 0
  package var nacks: UInt64 = 0
  package var chunksAskedFor: UInt64 = 0

  mutating func add(_ step: ReplayStep, _ role: TraceRole) {
    if step.kind == .nack, step.event == (role == .receiver ? .sent : .received) { nacks += 1 }
    if role == .receiver { lost += UInt64(step.gap) }
    if step.isLate, step.event == .received { lost -= min(lost, 1) }
    switch (role, step.event) {
    case (.receiver, .received), (.sender, .sent):
      datagrams += 1
      byteCount += UInt64(step.byteCount)
      if step.kind == .parity { parity += 1 } else if step.isRepair { repairs += 1 }
    case (.receiver, .droppedIncoming), (.receiver, .damaged), (.sender, .droppedOutgoing): lost += 1
    default: break
    }
  }
}
