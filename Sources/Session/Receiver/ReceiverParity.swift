import Accounting
import Ground
import Wire

/// Parity at a receiver: symbols, promises of symbols, and rebuilt blocks, Specs/chunked-udp.md §6.5.
extension ReceiverSession {
  /// A parity datagram; says what to do with its symbol. `canKeep`: the owner has room for it.
  mutating func handleParity(
    _ parity: ParityHeader, header: DatagramHeader, byteCount: Int, canKeep: Bool, stage: Stage,
    _ line: inout ReceiverLine, now: Instant
  ) -> ReceiverMachine.ChunkFate {
    guard admits(header.sessionID, byteCount: byteCount, &line) else { return .refused }
    guard let block = geometry?.block(of: parity) else {
      line.counters.malformedDatagrams += 1
      line.countForeign(byteCount: byteCount)
      return .refused
    }
    let arrival = notePacket(
      header.packetNumber, byteCount: byteCount, timestamp: parity.timestamp, stage: stage, &line, now: now)
    guard arrival != .duplicate else { return .duplicate }
    grttNanoseconds = parity.grttCode.nanoseconds
    patience.noteChunk(now: now)
    asking.noteAnswer()
    armReport(&line, now: now)
    guard canKeep else {
      if isOneWay {
        if let other = blocks?.giveUpSymbols(for: block) { line.note(.symbolsUnneeded(block: other)) }
      } else {
        blocks?.noteRefused(block, now: now)
      }
      line.counters.refusedChunks += 1
      line.counters.refused.add(byteCount: byteCount)
      return .refused
    }
    let isNeeded =
      stage == .receiving
      && blocks?.noteSymbol(parity.symbolIndex, of: block, received: detector.received) ?? false
    guard isNeeded else {
      line.counters.duplicateChunks += 1
      line.counters.duplicate.add(byteCount: byteCount)
      return .duplicate
    }
    line.counters.parity.add(byteCount: byteCount)
    patience.noteNewChunk(now: now)
    if let change = blocks?.beginRebuilding(block) { line.note(change) }
    return .keep
  }

  /// Another symbol or chunk of a block for which there was no room.
  mutating func noteRefused(_ chunk: UInt64, isRepair: Bool, now: Instant) {
    guard isRepair, let geometry else { return }
    blocks?.noteRefused(geometry.block(of: chunk), now: now)
  }

  /// What an entry of a notice promises to the blocks of its chunks. False when it names no block.
  mutating func promiseInBlocks(
    _ entry: RepairEntry, _ form: RepairNotice.Form, count: UInt64, firstPacket: UInt64, now: Instant
  ) -> Bool {
    guard let geometry else { return false }
    let first = UInt64(entry.firstChunk)
    switch form {
    case .parity:
      guard let block = geometry.block(beginningAt: first) else { return false }
      blocks?.notePromise(
        of: block, count: Int(count), lastPacket: firstPacket + count - 1, detector, now: now)
    case .chunks:
      guard first < geometry.chunkCount else { return false }
      for chunk in first..<min(first + count, geometry.chunkCount) where !detector.received.contains(chunk) {
        blocks?.notePromise(
          of: geometry.block(of: chunk), count: 1, lastPacket: firstPacket + (chunk - first), detector,
          now: now)
      }
    }
    return true
  }

  /// The owner has rebuilt a block.
  mutating func noteRebuilt(_ block: UInt64, _ line: inout ReceiverLine, now: Instant) {
    for chunk in blocks?.noteRebuilt(block, received: detector.received) ?? [] {
      line.nacks.noteArrival(chunk, isRepair: true)
      line.counters.rebuiltChunks += 1
      _ = detector.noteChunk(chunk, packet: 0, isRepair: true)
    }
    patience.noteNewChunk(now: now)
  }
}
