package import Wire

/// What the owner and a trace see of a receiver's session.
extension ReceiverMachine {
  package var counters: ReceiverCounters { line.counters }
  /// The session, once one has begun; 0 and nil before.
  package var sessionID: UInt64 { session?.sessionID ?? 0 }
  package var announce: Announce? { session?.announce }
  package var shape: SetShape? { session?.shape }
  package var isGroup: Bool { session?.isGroup ?? false }
  /// The chunks that are here, once a session has begun. A copy costs little, and the next chunk that arrives
  /// copies one page.
  package var heldChunks: ChunkMap? { session?.detector.received }
  package var chunksHeld: UInt64 { session?.detector.received.count ?? 0 }
  /// The session has parity, and the owner uses it.
  package var usesParity: Bool { session?.blocks != nil }
  /// The judgements of NACKs so far.
  package var nackVerdicts: NackLedger.Verdicts { line.nacks.verdicts }

  /// The packet numbers of the session; nil before one has begun.
  var arrivals: PacketArrivals? { session?.arrivals }
}

/// Marks, Specs/chunked-udp.md §6.16. The owner knows which of the datagrams that it gives to the machine
/// came marked "congestion experienced". The machine knows which of them count.
extension ReceiverMachine {
  /// Distinct datagrams of the session so far, without a copy of the machine.
  package mutating func datagramCount() -> UInt64 { line.counters.datagrams }

  /// Every datagram that was given to the machine since `datagramCount` was this came marked.
  package mutating func noteMarked(since count: UInt64) {
    line.counters.markedDatagrams += line.counters.datagrams - min(count, line.counters.datagrams)
  }
}

extension ReceiverMachine {
  /// Those of these chunks that are not here, ascending. The range lies within the set.
  package func missingChunks(in chunks: Range<UInt64>) -> [UInt64] {
    guard let received = session?.detector.received else { return [] }
    var missing: [UInt64] = []
    var next = chunks.lowerBound
    while let hole = received.firstMissing(from: next, limit: chunks.upperBound) {
      missing += hole
      next = hole.upperBound
    }
    return missing
  }
}

/// What the owner sees of a receiver before its session.
extension ReceiverMachine {
  /// The announce of the session that begins with this chunk; nil when none does. The owner opens its store
  /// then, and calls `handleData`, or `refuse` when it cannot.
  package func announceBegun(bySessionID sessionID: UInt64, chunkIndex: UInt32) -> Announce? {
    listening?.candidate(sessionID, begunBy: UInt64(chunkIndex))?.announce
  }

  /// Likewise, of the one-way session that begins with this symbol.
  package func announceBegun(bySessionID sessionID: UInt64, parity: ParityHeader) -> Announce? {
    listening?.candidate(sessionID, begunBy: parity)?.announce
  }

  /// Whether it has a session, or has joined one that is about to begin.
  package var isBusy: Bool { listening?.hasCandidates ?? true }

  /// Whether a session was announced and has not sent a chunk.
  package func isAnnounced(_ sessionID: UInt64) -> Bool { listening?.isAnnounced(sessionID) ?? false }
}
