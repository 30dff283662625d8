import Checksum
import Ground
import Session
import TestSupport
import Testing
import Wire

/// Random values in every field, from a seed: a machine never traps, whatever a datagram says.
@Suite struct HostileTests {
  /// From a set that is soon complete to the largest there is.
  private static let chunkCounts: [UInt64] = [40, (1 << 32) - 2, 5_000, 1_000]

  @Test(arguments: 1...4 as ClosedRange<UInt64>, [false, true])
  func theReceiverStands(seed: UInt64, isGroup: Bool) {
    var noise = Noise(seed: seed)
    var now = Instant(nanoseconds: noise.next() >> 8)
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(
        receiverID: 3, hostName: "x", idleNanoseconds: .seconds(1 << 30), seed: seed))
    let announce = SessionNetwork.announce(
      fileChunks: Self.chunkCounts[Int(seed) - 1], options: isGroup ? [.group] : [])
    receiver.handle(.announce(announce), header: noise.header(.announce), byteCount: 80, now: now)
    // In the largest set each step asks for tens of thousands of chunks, which takes its time.
    let stepCount =
      FullRun.count(100_000 / 8, otherwise: 100_000 / 16)
      / (Self.chunkCounts[Int(seed) - 1] > 1 << 31 ? 20 : 1)
    for _ in 0..<stepCount {
      now = now + noise.next() % 20_000_000
      if noise.next() % 4 == 0 {
        let message = noise.message()
        if case .abort = message { continue }
        receiver.handle(message, header: noise.header(message.type), byteCount: 100, now: now)
      } else {
        _ = receiver.handleData(
          sessionID: SessionNetwork.sessionID, packetNumber: noise.number32(), chunkIndex: noise.number32(),
          timestamp: noise.number32(), grttCode: GrttCode(rawValue: UInt8(truncatingIfNeeded: noise.next())),
          isRepair: noise.next() % 3 == 0, byteCount: 1_472, canKeep: noise.next() % 5 != 0, now: now)
      }
      receiver.handleWake(now: now)
      receiver.detectLosses(now: now)
      for _ in 0..<20 {
        guard let sent = receiver.pollTransmit(now: now, socketDrops: noise.number32()) else { break }
        #expect(sent.message.encode(sessionID: 1, packetNumber: sent.packetNumber).count <= 1_200)
      }
      _ = receiver.nextDeadline
      _ = receiver.lossFraction
      while let event = receiver.pollEvent() {
        if event == .allChunksHeld {
          receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
        }
      }
    }
    #expect(receiver.counters.malformedDatagrams > 0)
  }

  /// A notice of repairs for chunks that are none of the set's, in a session with parity. (Found by
  /// Tools/fuzz.)
  @Test(arguments: [0, 41, 42, 43, 500, UInt32.max], [RepairNotice.Form.chunks, .parity])
  func aNoticeBeyondTheSetIsBad(firstChunk: UInt32, form: RepairNotice.Form) {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 3, hostName: "x", usesParity: true))
    func header(_ type: MessageType, _ packet: UInt32) -> DatagramHeader {
      DatagramHeader(
        type: type, flags: [], sessionID: SessionNetwork.sessionID, packetNumber: packet, checksum: 0)
    }
    let announce = SessionNetwork.announce(fileChunks: 40, options: [.group, .parity])
    receiver.handle(.announce(announce), header: header(.announce, 0), byteCount: 80, now: .zero)
    _ = receiver.handleData(
      sessionID: SessionNetwork.sessionID, packetNumber: 1, chunkIndex: 0, timestamp: 0,
      grttCode: GrttCode(rawValue: 1), isRepair: false, byteCount: 1_472, canKeep: true, now: .zero)
    let notice = RepairNotice(
      timestamp: 0, grttCode: GrttCode(rawValue: 1), form: form,
      entries: [RepairEntry(firstChunk: firstChunk, count: 3, firstPacketNumber: 3)])
    receiver.handle(.repairNotice(notice), header: header(.repairNotice, 2), byteCount: 60, now: .zero)
    #expect(receiver.phase == .receiving)
    let isSound = firstChunk < 42 && (form == .chunks || firstChunk == 0)
    #expect(receiver.counters.malformedDatagrams == (isSound ? 0 : 1))
  }

  @Test(
    arguments: 1...4 as ClosedRange<UInt64>,
    [RateControllerKind.model, .aimd, .fixed(bitsPerSecond: 1e8)])
  func theSenderStands(seed: UInt64, controller: RateControllerKind) throws {
    var noise = Noise(seed: seed)
    var now = Instant(nanoseconds: noise.next() >> 8)
    let announce = SessionNetwork.announce(fileChunks: Self.chunkCounts[Int(seed) - 1], options: [.group])
    let smaller = [1_340, 1_220].map {
      SessionNetwork.candidate(fileChunks: Self.chunkCounts[Int(seed) - 1] / 2, chunkByteCount: $0)
    }
    var sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: SessionNetwork.sessionID, announce: announce, smaller: smaller,
        isGroup: seed % 2 == 0,
        receiverCount: 1, silenceNanoseconds: .seconds(1 << 20), controller: controller, seed: seed), now: now
    )
    for _ in 0..<100_000 / 12 {
      now = now + noise.next() % 3_000_000
      var message = noise.message()
      if case .abort = message { message = noise.report() }
      if case .complete = message, noise.next() % 50 != 0 { message = noise.report() }
      sender.handle(message, header: noise.header(message.type), now: now)
      sender.handleWake(now: now)
      for _ in 0..<50 {
        guard let transmission = sender.pollTransmit(now: now) else { break }
        noise.noteSent(transmission)
      }
      #expect(sender.datagramsPerSecond >= 1)
      _ = sender.nextDeadline
      while sender.pollEvent() != nil {}
    }
    #expect(sender.counters.nacksReceived + sender.counters.malformedDatagrams > 0)
  }
}

/// Messages with random fields: small numbers, numbers around what was sent, and the ends of the range.
private struct Noise {
  private var generator: SplitMix64
  private var sentPacket: UInt32 = 0

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func next() -> UInt64 { generator.next() }

  mutating func noteSent(_ transmission: SenderTransmission) {
    switch transmission {
    case .control(_, _, let packet): sentPacket = packet
    case .train(let train), .repair(_, _, let train):
      sentPacket = UInt32(truncatingIfNeeded: train.firstPacketNumber) &+ UInt32(train.chunkCount)
    case .parity(_, _, let train), .symbols(let train):
      sentPacket = UInt32(truncatingIfNeeded: train.firstPacketNumber) &+ UInt32(train.symbolCount)
    }
  }

  mutating func number32() -> UInt32 {
    switch next() % 5 {
    case 0: UInt32(next() % 50)
    case 1: sentPacket &- UInt32(next() % 30)
    case 2: .max - UInt32(next() % 3)
    case 3: (1 << 31) &+ UInt32(next() % 5) &- 2
    default: UInt32(truncatingIfNeeded: next())
    }
  }

  mutating func number64() -> UInt64 {
    switch next() % 4 {
    case 0: next() % 100
    case 1: .max - next() % 3
    case 2: UInt64(number32())
    default: next()
    }
  }

  mutating func receiverID() -> UInt64 { next() % 4 }
  mutating func grtt() -> GrttCode { GrttCode(rawValue: UInt8(truncatingIfNeeded: next())) }

  mutating func header(_ type: MessageType) -> DatagramHeader {
    DatagramHeader(
      type: type, flags: DatagramFlags(rawValue: UInt8(next() % 8)),
      sessionID: next() % 20 == 0 ? next() : SessionNetwork.sessionID, packetNumber: number32(), checksum: 0)
  }

  mutating func report() -> ControlMessage {
    .report(
      Report(
        receiverID: receiverID(), highestPacketNumber: number32(), echoedTimestamp: number32(),
        holdMicroseconds: number32(), receiverClockMicroseconds: number32(), socketDropCount: number32(),
        receivedDatagramCount: number64(), receivedByteCount: number64(), heldChunkCount: number64(),
        duplicateCount: number64()))
  }

  /// Numbers that can be a set's: others are refused when an announce is read.
  mutating func shape() -> SetShape {
    let chunkByteCount = 1 + Int(next() % 65_475)
    // The manifest has fewer than 5,000 bytes.
    let chunkCount = min(number64() >> (32 + next() % 32), (1 << 32) - 5_000)
    let byteCount = chunkCount * UInt64(chunkByteCount)
    return SetShape(
      chunkByteCount: chunkByteCount, manifestByteCount: 29 + Int(next() % 4_096),
      fileByteCounts: [byteCount - min(byteCount, 4)])
  }

  mutating func message() -> ControlMessage {
    switch next() % 9 {
    case 0:
      var announce = SessionNetwork.announce(fileChunks: 0, groupSize: number32())
      announce.shape = shape()
      announce.grttCode = grtt()
      announce.timestamp = number32()
      return .announce(announce)
    case 1:
      return .join(
        Join(
          receiverID: receiverID(), echoedTimestamp: number32(), holdMicroseconds: number32(),
          receiveBufferByteCount: number32(), largestAnnounceByteCount: UInt16(truncatingIfNeeded: next()),
          hostName: "h"))
    case 2, 3:
      let bits = (0..<40).map { _ in UInt8(truncatingIfNeeded: next()) }
      let ranges = (0..<1 + next() % 20).map { _ in ChunkRange(first: number32(), count: number32()) }
      return .nack(
        Nack(
          receiverID: receiverID(), highestPacketNumber: number32(), echoedTimestamp: number32(),
          holdMicroseconds: number32(),
          body: next() % 2 == 0 ? .bitmap(base: number32(), bits: bits) : .ranges(ranges)))
    case 4:
      let entries = (0..<1 + next() % 20).map { _ in
        RepairEntry(firstChunk: number32(), count: number32(), firstPacketNumber: number32())
      }
      return .repairNotice(
        RepairNotice(
          timestamp: number32(), grttCode: grtt(), form: next() % 4 == 0 ? .parity : .chunks, entries: entries
        ))
    case 5: return report()
    case 6:
      let total = next() % 2 == 0 ? 42 : number64()
      return .end(End(round: number32(), timestamp: number32(), totalChunkCount: total, grttCode: grtt()))
    case 7:
      return .complete(
        Complete(
          receiverID: receiverID(), echoedTimestamp: number32(), holdMicroseconds: number32(),
          verifiedFileCount: number32(), failedFileCount: number32(),
          status: CompleteStatus(rawValue: UInt8(next() % 6)), text: ""))
    default:
      return next() % 2 == 0
        ? .close(Close(receiverIDs: (0..<next() % 5).map { _ in receiverID() }))
        : .abort(Abort(receiverID: receiverID(), reason: AbortReason(rawValue: UInt8(next() % 12))))
    }
  }
}
