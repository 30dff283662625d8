import Ground
import Session
import Testing
import Wire

/// What a receiver does in a session in which it sends nothing.
@Suite struct OneWayReceiverTests {
  private typealias Base = ReceiverMachineTests

  private static func joined(fileChunks: UInt64, options: AnnounceOptions = []) -> ReceiverMachine {
    Base.joined(fileChunks: fileChunks, options: options.union(.oneWay))
  }

  private static func end(total: UInt64) -> ControlMessage {
    .end(End(round: 0, timestamp: 0, totalChunkCount: total, grttCode: Base.grtt))
  }

  private static func symbol(
    _ receiver: inout ReceiverMachine, _ index: UInt8, block: BlockGeometry.Block, packet: UInt32,
    canKeep: Bool = true
  ) -> ReceiverMachine.ChunkFate {
    receiver.handleParity(
      ParityHeader(
        firstChunk: UInt32(block.firstChunk), timestamp: 0, grttCode: Base.grtt, symbolIndex: index,
        blockChunkCount: UInt8(block.chunkCount), blockStride: UInt8(block.stride)),
      header: SessionNetwork.header(.parity, packet: packet), byteCount: 1_472, canKeep: canKeep, now: .zero)
  }

  @Test func itSaysNothing() {
    var receiver = Self.joined(fileChunks: 1)
    #expect(Base.drain(&receiver, at: .zero).isEmpty)
    Base.data(&receiver, packet: 5, chunk: 2, at: .zero)
    #expect(Base.drain(&receiver, at: Instant(nanoseconds: 1_000_000_000)).isEmpty)
    Base.data(&receiver, packet: 6, chunk: 0, at: .zero)
    Base.data(&receiver, packet: 7, chunk: 1, at: .zero)
    #expect(receiver.phase == .verifying)
    receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: .zero)
    guard case .ended(.completed(_, confirmed: false)) = receiver.phase else {
      Issue.record("\(receiver.phase)")
      return
    }
    #expect(Base.drain(&receiver, at: .zero).isEmpty)
  }

  @Test func itSaysNothingWhenItIsCancelledOrRefusesTheSet() {
    var receiver = Self.joined(fileChunks: 10)
    receiver.refuse(sessionID: SessionNetwork.sessionID, reason: .cannotStore, text: "", now: .zero)
    #expect(Base.drain(&receiver, at: .zero).isEmpty)
    receiver = Self.joined(fileChunks: 10)
    Base.data(&receiver, packet: 5, chunk: 2, at: .zero)
    receiver.cancel(reason: .endedByUser, text: "", now: .zero)
    #expect(Base.drain(&receiver, at: .zero).isEmpty && receiver.nextDeadline == .never)
  }

  /// In other sessions a symbol begins nothing: what it belongs to is asked for.
  @Test(arguments: [[.parity, .oneWay], [.parity]] as [AnnounceOptions])
  func aSymbolBeginsAOneWaySession(options: AnnounceOptions) throws {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 7, hostName: "here", usesParity: true))
    let announce = SessionNetwork.announce(fileChunks: 30, options: options)
    Base.handle(&receiver, .announce(announce), packet: 0, at: .zero)
    let block = try #require(BlockGeometry(announce))[1]
    let isOneWay = options.contains(.oneWay)
    #expect(Self.symbol(&receiver, 3, block: block, packet: 9) == (isOneWay ? .keep : .refused))
    #expect(receiver.phase == (isOneWay ? .receiving : .listening))
    guard isOneWay else { return }
    #expect(receiver.pollEvent() == .began(announce, sessionID: SessionNetwork.sessionID))
    let impossible = BlockGeometry.Block(firstChunk: 1, chunkCount: 9, stride: 3)
    #expect(Self.symbol(&receiver, 3, block: impossible, packet: 10) == .refused)
  }

  @Test func aSymbolOfNoBlockBeginsNothing() {
    var receiver = Self.joined(fileChunks: 30, options: .parity)
    let impossible = BlockGeometry.Block(firstChunk: 1, chunkCount: 9, stride: 3)
    #expect(Self.symbol(&receiver, 3, block: impossible, packet: 9) == .refused)
    #expect(receiver.phase == .listening)
  }

  /// Blocks 0 and 1 have the chunks 0, 2, 4 … and 1, 3, 5 …
  @Test func withoutRoomTheLastBlockGivesUpItsSymbols() throws {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 7, hostName: "here", usesParity: true))
    let announce = SessionNetwork.announce(fileChunks: 30, options: [.parity, .oneWay])
    Base.handle(&receiver, .announce(announce), packet: 0, at: .zero)
    let geometry = try #require(BlockGeometry(announce))
    #expect(Self.symbol(&receiver, 3, block: geometry[1], packet: 9) == .keep)
    while receiver.pollEvent() != nil {}
    #expect(Self.symbol(&receiver, 3, block: geometry[0], packet: 10, canKeep: false) == .refused)
    #expect(receiver.pollEvent() == .symbolsUnneeded(block: 1))
    // The one that it has given up is needed again.
    #expect(Self.symbol(&receiver, 3, block: geometry[0], packet: 11) == .keep)
    #expect(Self.symbol(&receiver, 3, block: geometry[1], packet: 12) == .keep)
    #expect(Self.symbol(&receiver, 4, block: geometry[1], packet: 13, canKeep: false) == .refused)
    #expect(receiver.pollEvent() == nil)
  }

  /// Datagrams that the network held back may follow the end.
  @Test func theSenderIsDoneASecondAfterItsLastDatagram() {
    var receiver = Self.joined(fileChunks: 10)
    Base.data(&receiver, packet: 5, chunk: 2, at: .zero)
    Base.handle(&receiver, Self.end(total: 99), packet: 6, at: .zero)
    #expect(receiver.counters.malformedDatagrams == 1)
    #expect(receiver.nextDeadline == Instant(nanoseconds: 15_000_000_000))
    Base.handle(&receiver, Self.end(total: 12), packet: 7, at: .zero)
    #expect(receiver.nextDeadline == Base.second)
    Base.data(&receiver, packet: 4, chunk: 1, at: Instant(nanoseconds: 500_000_000))
    #expect(Base.drain(&receiver, at: Base.second).isEmpty)
    #expect(receiver.phase == .receiving)
    #expect(Base.drain(&receiver, at: Instant(nanoseconds: 1_500_000_000)).isEmpty)
    #expect(receiver.phase == .ended(.senderDone) && receiver.nextDeadline == .never)
  }

  /// Chunks come once in 10 s, and never a missing one. 10,002 of them take more than a day.
  @Test(arguments: [(fileChunks: 98, seconds: 2_000.0), (10_000, 86_400), (3, 600)])
  func itWaitsForTwoRoundsAndNotForEver(fileChunks: UInt64, seconds: Double) {
    var receiver = Self.joined(fileChunks: fileChunks)
    var now = Instant.zero
    var packet: UInt32 = 1
    while receiver.phase == .listening || receiver.phase == .receiving, packet < 20_000 {
      Base.data(&receiver, packet: packet, chunk: 2, isRepair: packet > 1, at: now)
      packet += 1
      let next = now + .seconds(10)
      while receiver.nextDeadline <= next, receiver.phase == .receiving {
        now = max(now, receiver.nextDeadline)
        receiver.handleWake(now: now)
      }
      now = next
    }
    #expect(receiver.phase == .ended(.senderStalled))
    #expect(abs(Double(now.nanoseconds) / 1e9 / seconds - 1) < 0.15, "\(now)")
  }
}
