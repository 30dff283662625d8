import Checksum
import Ground
import Session
import Wire

/// A sender and a receiver machine joined by a path of constant delay, in virtual time: the same calls as a
/// driver makes, with nothing else around them. Trains travel whole, so that the path costs next to nothing.
struct SessionLoop {
  private enum Item {
    case train(Train, timestamp: UInt32)
    case control(ControlMessage, DatagramHeader)
  }
  private struct Delivery { var at: Instant, item: Item }

  private static let sessionID: UInt64 = 0x5EED
  private static let delayNanoseconds: Nanoseconds = .microseconds(50)
  /// So that virtual time has a scale: 850,000 full datagrams a second.
  private static let rateBitsPerSecond = 10e9

  /// One data datagram of so many is lost; 0: none.
  private let losing: UInt64
  private var sender: SenderMachine
  private var receiver: ReceiverMachine
  private var forward = Queue<Delivery>()
  private var backward = Queue<Delivery>()
  private var now = Instant.zero

  init(chunkCount: UInt64, losing: UInt64) {
    self.losing = losing
    let chunkByteCount = CodecBenchmarks.payloadByteCount
    let announce = Announce(
      setIdentity: SetIdentity(high: 1, low: 2),
      shape: SetShape(
        chunkByteCount: chunkByteCount, manifestByteCount: 100,
        fileByteCounts: [chunkCount * UInt64(chunkByteCount) - 4]),
      groupSize: 1, timestamp: 0, options: [], grttCode: GrttCode(nanoseconds: 100_000_000),
      blockChunkCount: 0, maxParityCount: 0)
    sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: Self.sessionID, announce: announce, receiverCount: 1,
        rateLimitBitsPerSecond: Self.rateBitsPerSecond),
      now: .zero)
    receiver = ReceiverMachine(
      ReceiverMachine.Configuration(
        receiverID: 1, hostName: "receiver", receiveBufferByteCount: 8 << 20))
  }

  /// Runs to the end of both sides; how many chunks arrived and how many repairs there were, in one number.
  consuming func run() -> UInt64 {
    while !(sender.hasEnded && receiver.hasEnded) {
      drainSender()
      drainReceiver()
      let next = min(
        min(forward.first?.at ?? .never, backward.first?.at ?? .never),
        min(sender.nextDeadline, receiver.deadline()))
      guard next < .never else { break }
      now = max(next, now + .microseconds(1))
      while let head = forward.first, head.at <= now {
        forward.removeFirst()
        arriveAtReceiver(head.item)
      }
      while let head = backward.first, head.at <= now {
        backward.removeFirst()
        if case .control(let message, let header) = head.item {
          sender.handle(message, header: header, now: now)
        }
      }
    }
    return receiver.chunksHeld &+ sender.counters.repairDatagrams << 32
  }

  private mutating func drainSender() {
    if sender.nextDeadline <= now { sender.handleWake(now: now) }
    while let transmission = sender.pollTransmit(now: now) {
      switch transmission {
      case .train(let train): send(.train(train, timestamp: now.timestamp))
      case .control(let message, let flags, let packetNumber):
        send(.control(message, header(of: message, flags: flags, packetNumber: packetNumber)))
      case .repair(let notice, let packetNumber, let train):
        let message = ControlMessage.repairNotice(notice)
        send(.control(message, header(of: message, flags: [], packetNumber: packetNumber)))
        send(.train(train, timestamp: now.timestamp))
      case .parity, .symbols: break  // its announces have no parity
      }
    }
    while sender.pollEvent() != nil {}
  }

  private mutating func send(_ item: Item) {
    forward.append(Delivery(at: now + Self.delayNanoseconds, item: item))
  }

  private mutating func drainReceiver() {
    if receiver.deadline() <= now { receiver.handleWake(now: now) }
    receiver.detectLosses(now: now)
    while let event = receiver.pollEvent() {
      if case .allChunksHeld = event {
        receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
      }
    }
    while let transmission = receiver.pollTransmit(now: now) {
      let header = header(
        of: transmission.message, flags: transmission.flags, packetNumber: transmission.packetNumber)
      backward.append(
        Delivery(at: now + Self.delayNanoseconds, item: .control(transmission.message, header)))
    }
  }

  private mutating func arriveAtReceiver(_ item: Item) {
    switch item {
    case .control(let message, let header):
      receiver.handle(message, header: header, byteCount: message.byteCount, now: now)
    case .train(let train, let timestamp):
      var packet = train.firstPacketNumber
      for run in train.runs {
        for chunk in run.chunks {
          if losing == 0 || packet % losing != 7 {
            _ = receiver.handleData(
              sessionID: Self.sessionID, packetNumber: UInt32(truncatingIfNeeded: packet),
              chunkIndex: UInt32(truncatingIfNeeded: chunk), timestamp: timestamp, grttCode: train.grttCode,
              isRepair: train.isRepair, byteCount: sender.datagramByteCount, canKeep: true, now: now)
          }
          packet += 1
        }
      }
    }
  }

  private func header(
    of message: ControlMessage, flags: DatagramFlags, packetNumber: UInt32
  ) -> DatagramHeader {
    DatagramHeader(
      type: message.type, flags: flags, sessionID: Self.sessionID, packetNumber: packetNumber, checksum: 0)
  }
}
