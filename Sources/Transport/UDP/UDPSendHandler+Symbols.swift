import Accounting
import Ground
import NIOCore
import Session
import Trace
import Wire

/// Symbols on their way out of a sender.
extension UDPSendHandler {
  func send(_ train: SymbolTrain, now: Instant) {
    guard let geometry = BlockGeometry(machine.candidate.announce) else { return }
    let pieces = symbols.encode(
      train, geometry, from: source, sentChunkCount: machine.nextChunk, now: now)
    counters.bytes.parity += symbols.encodedByteCount
    tellNewFailures()
    var packet = train.firstPacketNumber
    for piece in pieces {
      traceSent(piece.bytes, segment: piece.segmentByteCount, now: now)
      pass(piece, firstPacket: packet, kind: .parity, now: now)
      packet += UInt64(piece.datagramCount)
    }
  }

  /// Datagrams with successive packet numbers to the socket, by way of the impairment when there is one.
  func pass(_ piece: TrainEncoder.Piece, firstPacket: UInt64, kind: MessageType, now: Instant) {
    guard !outgoing.isNone else { return hand(piece) }
    var rest = piece.bytes
    var next = firstPacket
    while let datagram = rest.readSlice(length: min(piece.segmentByteCount, rest.readableBytes)),
      datagram.readableBytes > 0
    {
      write(datagram, kind: kind.rawValue, packetNumber: UInt32(truncatingIfNeeded: next), now: now)
      next += 1
    }
  }
}
