package import Ground
package import Wire

/// Datagrams that leave together: consecutive packet numbers, one time stamp, runs of chunks in this order.
package struct Train: Sendable {
  package var firstPacketNumber: UInt64
  package var isRepair: Bool
  package var runs: [ChunkRange]
  package var grttCode: GrttCode
  package var chunkCount: Int { runs.reduce(0) { $0 + Int($1.count) } }

  package init(firstPacketNumber: UInt64, isRepair: Bool, runs: [ChunkRange], grttCode: GrttCode) {
    self.firstPacketNumber = firstPacketNumber
    self.isRepair = isRepair
    self.runs = runs
    self.grttCode = grttCode
  }
}

/// Successive symbols of one block.
package struct SymbolRun: Equatable, Sendable {
  /// The number of the block.
  package var index: UInt64
  package var block: BlockGeometry.Block
  package var firstSymbol: Int
  package var count: Int

  package init(index: UInt64, block: BlockGeometry.Block, firstSymbol: Int, count: Int) {
    self.index = index
    self.block = block
    self.firstSymbol = firstSymbol
    self.count = count
  }
}

/// Symbols that leave together: consecutive packet numbers, one time stamp, runs in this order.
package struct SymbolTrain: Sendable {
  package var firstPacketNumber: UInt64
  package var runs: [SymbolRun]
  package var grttCode: GrttCode
  package var symbolCount: Int { runs.reduce(0) { $0 + $1.count } }

  package init(firstPacketNumber: UInt64, runs: [SymbolRun], grttCode: GrttCode) {
    self.firstPacketNumber = firstPacketNumber
    self.runs = runs
    self.grttCode = grttCode
  }

  /// The header of each symbol, with its packet number.
  package func headers(timestamp: UInt32) -> [(packet: UInt64, parity: ParityHeader)] {
    var headers: [(packet: UInt64, parity: ParityHeader)] = []
    for run in runs {
      for symbol in run.firstSymbol..<run.firstSymbol + run.count {
        let parity = ParityHeader(
          firstChunk: UInt32(run.block.firstChunk), timestamp: timestamp, grttCode: grttCode,
          symbolIndex: UInt8(symbol), blockChunkCount: UInt8(run.block.chunkCount),
          blockStride: UInt8(run.block.stride))
        headers.append((firstPacketNumber + UInt64(headers.count), parity))
      }
    }
    return headers
  }
}

/// What a sender sends next; the driver adds the session id, reads payloads and encodes.
package enum SenderTransmission: Sendable {
  case control(ControlMessage, flags: DatagramFlags, packetNumber: UInt32)
  /// Chunks for the first time.
  case train(Train)
  /// The notice, and behind it the repairs that it names. They leave together: the notice states their packet
  /// numbers.
  case repair(RepairNotice, packetNumber: UInt32, Train)
  /// Likewise the notice of symbols, and the symbols. Only in a session whose announce has parity.
  case parity(RepairNotice, packetNumber: UInt32, SymbolTrain)
  /// One-way: symbols, which nobody asked for.
  case symbols(SymbolTrain)
}

/// How a receiver fared, as the sender knows it.
package enum PeerOutcome: Sendable, Equatable {
  case underWay
  /// It verified every file and said so.
  case whole(filesVerified: UInt32)
  /// It has answered, but not every file is whole there.
  case partial(Complete)
  /// It ended the session itself.
  case left(AbortReason, String)
  /// Nothing was heard from it for the time allowed.
  case silent
  /// Its messages arrive, but no datagram with a chunk arrived there for the time allowed.
  case stalled
  /// Its progress was so slow, or it cost so many repairs, that the sender continued without it.
  case leftBehind(LeftBehindReason)

  package var isWhole: Bool { if case .whole = self { true } else { false } }
}

/// Why a sender gives up a receiver that answers, Specs/chunked-udp.md §6.7.
package enum LeftBehindReason: Sendable, Equatable {
  /// Fewer chunks a second arrived there than any path of use carries.
  case tooSlow
  /// It is this long behind the other members of its group, whose sender waits for no straggler.
  case farBehind(Nanoseconds)
  /// Everything was sent long ago, and it still misses chunks.
  case tooLate
  /// The session has sent as much as it may: 9 times its set.
  case tooMuchSent
  /// Its disk was full for an hour.
  case diskFull
}

/// What happened at a sender, for its owner.
package enum SenderEvent: Sendable, Equatable {
  case joined(receiverID: UInt64, hostName: String)
  /// Enough receivers joined, or the wait is over: data flows.
  case started
  case peerEnded(receiverID: UInt64, PeerOutcome)
  /// A receiver's disk is full, and lacks this much; 0: it has room again.
  case storage(receiverID: UInt64, missingKibibytes: UInt32)
  case ended(SenderEnd)
}

package enum SenderEnd: Sendable, Equatable {
  /// Every receiver's outcome is known.
  case finished
  /// Nobody joined in the time allowed.
  case nobodyListening
  /// A receiver listens, but the path carries none of the possible sizes; bytes of UDP payload of the
  /// smallest.
  case pathTooNarrow(datagramByteCount: Int)
  /// This side ended it.
  case cancelled(AbortReason, String)
}

/// What a sender counted. sent = first + repair + parity + control.
package struct SenderCounters: Sendable, Equatable {
  package var firstDatagrams: UInt64 = 0
  package var repairDatagrams: UInt64 = 0
  package var parityDatagrams: UInt64 = 0
  package var controlDatagrams: UInt64 = 0
  package var joinsReceived: UInt64 = 0
  package var nacksReceived: UInt64 = 0
  package var reportsReceived: UInt64 = 0
  package var completesReceived: UInt64 = 0
  package var abortsReceived: UInt64 = 0
  /// Receivers' messages that arrived when they could change nothing any more.
  package var lateDatagrams: UInt64 = 0
  package var noticesSent: UInt64 = 0
  package var endsSent: UInt64 = 0
  package var malformedDatagrams: UInt64 = 0
  package var strayDatagrams: UInt64 = 0

  package var datagrams: UInt64 {
    firstDatagrams + repairDatagrams + parityDatagrams + controlDatagrams
  }
  package init() {}
}
