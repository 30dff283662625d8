package import Ground

/// The packet numbers that a receiver remembers: which of the recent ones arrived, and when the highest one
/// passed each.
package struct PacketLedger: Sendable {
  /// Packet numbers remembered one by one; older ones count as duplicates.
  package static let windowPacketCount: UInt64 = 65_536
  /// Times have this resolution. It is chosen so that each time within the longest reordering window is
  /// remembered.
  package static let grainNanoseconds: Nanoseconds = .microseconds(250)
  private static let checkpointCount = Int(ReorderingWindow.longestNanoseconds / grainNanoseconds)

  private struct Checkpoint { var highest: UInt64, at: Instant }

  package private(set) var highest: UInt64?
  package private(set) var highestAdvancedAt = Instant.zero
  /// What this path's reordering asks for.
  package var reordering = ReorderingWindow()

  private var bits = [UInt64](repeating: 0, count: Int(windowPacketCount / 64))
  private var checkpoints: [Checkpoint] = []
  private var nextCheckpoint = 0

  package init() {}

  /// The full packet number for the 32 bits in a header: the nearest to the one expected next.
  package var expected: UInt64 { highest.map { $0 + 1 } ?? 0 }

  /// Forgets all numbers, because the next ones are unrelated. The knowledge of reordering stays.
  package mutating func restart() {
    let reordering = reordering
    self = PacketLedger()
    self.reordering = reordering
  }

  /// Notes an arrival. False when this packet has arrived before (the network doubled it).
  package mutating func insert(_ packet: UInt64, now: Instant) -> Bool {
    guard let highest else {
      self.highest = packet
      advance(to: packet, now: now)
      setBit(packet)
      return true
    }
    if packet > highest {
      if packet - highest >= Self.windowPacketCount {
        for i in bits.indices { bits[i] = 0 }
      } else {
        for skipped in highest + 1...packet { clearBit(skipped) }
      }
      setBit(packet)
      self.highest = packet
      advance(to: packet, now: now)
      return true
    }
    guard highest - packet < Self.windowPacketCount, !isSet(packet) else { return false }
    setBit(packet)
    reordering.noteLate(by: now - passed(packet + 1))
    return true
  }

  /// When the highest packet number reached `packet`, up to a grain early. `.zero` when that was too long ago
  /// to remember (longer than the longest reordering window); `.never` when it has not.
  package func passed(_ packet: UInt64) -> Instant {
    guard let highest, packet <= highest else { return .never }
    var answer = highestAdvancedAt
    // From the newest backwards, because the wanted packet is nearly always recent.
    for back in 1...max(1, checkpoints.count) where back <= checkpoints.count {
      let index = (nextCheckpoint - back + Self.checkpointCount) % Self.checkpointCount
      if checkpoints[index].highest < packet { return answer }
      answer = checkpoints[index].at
    }
    return checkpoints.count == Self.checkpointCount ? .zero : answer
  }

  /// When a packet that has not arrived is lost: three later ones are here, and the time for the path's
  /// reordering has passed; or no packet arrives for the window.
  func lossTime(of packet: UInt64, windows: LossDetector.Windows) -> Instant {
    guard let highest, highest > packet else { return .never }
    let quiet = highestAdvancedAt + max(windows.quiet, windows.reordering)
    guard highest >= packet + LossDetector.packetThreshold else { return quiet }
    return windows.reordering == 0 ? .zero : min(quiet, passed(packet + 1) + windows.reordering)
  }

  private mutating func advance(to packet: UInt64, now: Instant) {
    let last = (nextCheckpoint - 1 + Self.checkpointCount) % Self.checkpointCount
    if last < checkpoints.count, now < checkpoints[last].at + Self.grainNanoseconds {
      checkpoints[last].highest = packet
    } else if checkpoints.count < Self.checkpointCount {
      checkpoints.append(Checkpoint(highest: packet, at: now))
      nextCheckpoint = checkpoints.count % Self.checkpointCount
    } else {
      checkpoints[nextCheckpoint] = Checkpoint(highest: packet, at: now)
      nextCheckpoint = (nextCheckpoint + 1) % Self.checkpointCount
    }
    highestAdvancedAt = now
  }

  private func isSet(_ packet: UInt64) -> Bool {
    bits[Int(packet % Self.windowPacketCount) >> 6] & (1 << (packet & 63)) != 0
  }
  private mutating func setBit(_ packet: UInt64) {
    bits[Int(packet % Self.windowPacketCount) >> 6] |= 1 << (packet & 63)
  }
  private mutating func clearBit(_ packet: UInt64) {
    bits[Int(packet % Self.windowPacketCount) >> 6] &= ~(1 << (packet & 63))
  }
}
