import Ground
import Impairment
import Runs
import Wire

/// One direction between a client and the target: numbers its datagrams and decides about each.
///
/// A datagram of the chunked protocol has the fate that `--impair` gives it at a sender, by its own packet
/// number and type. Those of other programs are counted, and lost packet by packet: a 1,500-byte link carries
/// a large datagram in fragments, and one lost fragment loses the datagram. So they have the fate that
/// `--drop` gives them at a naive receiver.
struct RelayWay {
  private let isLost: (@Sendable (_ number: UInt64, _ byteCount: Int) -> Bool)?
  /// For the chunked protocol, and for all others, whose random losses are decided before.
  private var chunked: ImpairedLink
  private var others: ImpairedLink
  private var count: UInt64 = 0
  private var fragmentLossCount: UInt64 = 0

  init(_ impairment: Impairment, seed: UInt64, direction: Direction, client: Int) {
    let number = UInt64(client)
    // The first client has the losses of a run without a relay.
    isLost = FragmentLoss.decision(
      impairment.loss, seed: number == 0 ? seed : SplitMix64.combine(seed, number), direction: direction)
    var lossless = impairment
    lossless.loss = .none
    chunked = ImpairedLink(impairment, seed: seed, direction: direction, receiver: number)
    others = ImpairedLink(lossless, seed: seed, direction: direction, receiver: number)
  }

  /// What the links did.
  var counters: ImpairmentCounters {
    var counters = chunked.counters
    counters += others.counters
    counters.offeredCount += fragmentLossCount
    counters.randomLossCount += fragmentLossCount
    return counters
  }

  /// What becomes of a datagram, which may have any bytes.
  mutating func verdict(of datagram: UnsafeRawBufferPointer, now: Instant) -> Verdict {
    let wireByteCount = datagram.count + PacketSize.ethernetDatagram
    guard !Self.isChunked(datagram) else {
      let packet = UInt32(bigEndian: datagram.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      return chunked.handle(
        packetNumber: UInt64(packet), kind: datagram[2], byteCount: wireByteCount,
        corruptibleByteCount: datagram.count, now: now.nanoseconds)
    }
    defer { count += 1 }
    if isLost?(count, datagram.count) == true {
      fragmentLossCount += 1
      return .dropped(.randomLoss)
    }
    return others.handle(
      packetNumber: count, kind: 0, byteCount: wireByteCount, corruptibleByteCount: datagram.count,
      now: now.nanoseconds)
  }

  private static func isChunked(_ datagram: UnsafeRawBufferPointer) -> Bool {
    datagram.count >= DatagramHeader.byteCount && datagram[0] == DatagramHeader.magic
      && datagram[1] == DatagramHeader.version && MessageType(rawValue: datagram[2]) != nil
  }
}
