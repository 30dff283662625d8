import Datagrams
import Ground
import Session
import Trace
import Wire

/// What a receiver's driver notes for a trace and for a window: how chunks come and go. Where nobody looks
/// it notes nothing.
extension UDPReceiveHandler {
  /// A trace or a window wants to know which chunks were rebuilt.
  var isWatched: Bool { notes != nil || tracing != nil }

  /// Chunks that the set does not keep after all.
  func forget(_ ranges: [Range<UInt64>]) {
    for chunks in ranges { machine.forget(chunks) }
    tracing?.chunks(.forgotten, ranges, now: clock.now)
  }

  /// A chunk of the session that was not kept. In the trace it has arrived.
  func noteRefused(_ data: DataDatagram) {
    guard let tracing, data.sessionID == begunSessionID, let held = machine.heldChunks else { return }
    let chunk = UInt64(data.chunkIndex)
    guard chunk < held.capacity, !held.contains(chunk) else { return }
    tracing.chunks(.forgotten, [chunk..<chunk + 1], now: clock.now)
  }

  /// A block is whole. `missing`: its chunks that were not here before.
  func noteRebuilt(_ missing: [UInt64]) {
    guard isWatched, let held = machine.heldChunks else { return }
    let chunks = missing.filter(held.contains)
    notes?.noteRebuilt(chunks)
    tracing?.chunks(.rebuilt, chunks.map { $0..<$0 + 1 }, now: clock.now)
  }

  /// The session has begun: what is here already is of an earlier one.
  func noteResumed() {
    guard let tracing, let held = machine.heldChunks, held.count > 0 else { return }
    tracing.chunks(.resumed, held.ranges, now: clock.now)
  }
}

extension ChunkMap {
  /// The chunks of the map, in order.
  fileprivate var ranges: [Range<UInt64>] {
    var found: [Range<UInt64>] = []
    var next: UInt64 = 0
    while next < capacity {
      let gap = firstMissing(from: next, limit: capacity) ?? capacity..<capacity
      if gap.lowerBound > next { found.append(next..<gap.lowerBound) }
      next = gap.upperBound
    }
    return found
  }
}
