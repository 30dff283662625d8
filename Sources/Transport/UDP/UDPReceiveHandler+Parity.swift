import Accounting
import Datagrams
import Ground
import NIOCore
import Session
import Wire

/// Parity at a receiver's driver, Specs/chunked-udp.md §6.5: symbols are kept as they arrive, and blocks are
/// rebuilt between two reads.
extension UDPReceiveHandler {
  /// How long blocks are rebuilt before the loop reads the network again. One block can take longer. A report
  /// that leaves later looks to the sender like a queue on the path.
  private static let rebuildingNanoseconds: Nanoseconds = .microseconds(200)

  func receiveParity(_ datagram: UnsafeRawBufferPointer, from: () -> SocketAddress?, now: Instant) {
    let parity: ParityDatagram
    do { parity = try ParityDatagram.decode(datagram.assumingMemoryBound(to: UInt8.self).span) } catch {
      return countBad(error, datagram)
    }
    if intake == nil,
      let announce = machine.announceBegun(bySessionID: parity.sessionID, parity: parity.fields)
    {
      begin(announce, sessionID: parity.sessionID, from: from(), now: now)
    }
    let isOurs = parity.sessionID == begunSessionID
    if let blocks, isOurs, !blocks.hasRightLength(parity) {
      return counters.foreign.add(byteCount: datagram.count)
    }
    let header = DatagramHeader(
      type: .parity, flags: parity.flags, sessionID: parity.sessionID, packetNumber: parity.packetNumber,
      checksum: 0)
    let fate = machine.handleParity(
      parity.fields, header: header, byteCount: datagram.count, canKeep: blocks?.canKeep ?? false, now: now)
    if fate == .keep { blocks?.keep(parity, of: datagram) }
  }

  func rebuildSoon() {
    guard !isRebuildingScheduled else { return }
    isRebuildingScheduled = true
    loop.schedule(after: 0) { [weak self] in self?.rebuildBlocks() }
  }

  private func rebuildBlocks() {
    isRebuildingScheduled = false
    let end = clock.now + Self.rebuildingNanoseconds
    repeat {
      guard !machine.hasEnded, let blocks, let block = blocks.takeReady() else { break }
      rebuild(block, blocks)
    } while clock.now < end
    if blocks?.hasWork ?? false { rebuildSoon() }
    pump()
  }

  private func rebuild(_ block: UInt64, _ blocks: BlockIntake) {
    flush()
    // Chunks of it may have arrived meanwhile, and others may have been forgotten.
    var missing: [UInt64] = []
    let missingOf = { (chunks: Range<UInt64>) in
      let found = self.machine.missingChunks(in: chunks)
      if self.isWatched { missing += found }
      return found
    }
    let rebuilt = intake?.rebuild(block, missingOf: missingOf, by: blocks)
    guard let (result, flushed) = rebuilt else { return }
    switch result {
    case .rebuilt:
      machine.handleRebuilt(block: block, now: clock.now)
      noteRebuilt(missing)
    case .unreadable(let chunks): forget(chunks.map { $0..<$0 + 1 })
    case .waits, .lacksSymbols, .isWhole, nil: break
    }
    take(flushed)
  }
}
