import Accounting
import Datagrams
import Ground
import Impairment
import NIOCore
import Session
import Wire

/// Induced loss, delay, doubling and damage on one direction of a real socket, by the model that the
/// simulator uses.
struct ImpairedPath {
  private var link: ImpairedLink?
  /// Copies that are still on their way.
  let flight = Flight()

  /// How many copies of datagrams wait for their time. Counted as they start and as they arrive.
  final class Flight {
    fileprivate(set) var waitingCount: UInt64 = 0
  }

  init(_ impairment: Impairment, seed: UInt64, direction: Direction, receiver: UInt64) {
    link =
      impairment.isNone
      ? nil : ImpairedLink(impairment, seed: seed, direction: direction, receiver: receiver)
    losesOnly =
      impairment.isInstant && impairment.corruption == 0 && impairment.truncation == 0
      && impairment.duplication == 0
  }

  var isNone: Bool { link == nil }
  /// Datagrams are lost or go as they are: trains stay trains.
  private(set) var losesOnly = false
  var droppedCount: UInt64 { link.map { $0.counters.droppedCount } ?? 0 }

  /// What came in, and what became of it: `before` and `behind` are the names of the counts on its two sides.
  func equation(before: Equation.Term, behind: Equation.Term) -> Equation {
    Equation(
      "datagrams", [before, Equation.Term("doubled on purpose", link?.counters.duplicatedCount ?? 0)],
      [
        behind, Equation.Term("dropped on purpose", droppedCount),
        Equation.Term("still delayed", flight.waitingCount),
      ], isDetail: true)
  }

  /// What becomes of one datagram.
  mutating func verdict(packetNumber: UInt32, kind: UInt8, byteCount: Int, now: Instant) -> Verdict {
    // Headers count for a bottleneck too, as in the simulator and in the kernel's tbf.
    link?.handle(
      packetNumber: UInt64(packetNumber), kind: kind, byteCount: byteCount + PacketSize.ethernetDatagram,
      corruptibleByteCount: byteCount, now: now.nanoseconds) ?? .untouched
  }

  /// What becomes of one datagram of any origin; one too short for a header counts as packet 0 of kind 0.
  mutating func verdict(of datagram: UnsafeRawBufferPointer, now: Instant) -> Verdict {
    let hasHeader = datagram.count >= DatagramHeader.byteCount
    let packet = hasHeader ? datagram.loadUnaligned(fromByteOffset: 12, as: UInt32.self) : 0
    return verdict(
      packetNumber: UInt32(bigEndian: packet), kind: hasHeader ? datagram[2] : 0, byteCount: datagram.count,
      now: now)
  }

  /// Hands over the copies of one datagram at their times, damage included, and whether the path marked them.
  static func schedule(
    _ verdict: Verdict, bytes: ByteBuffer, on loop: DatagramLoop, _ flight: Flight,
    _ deliver: @escaping (ByteBuffer, _ isMarked: Bool) -> Void
  ) {
    let copies: [Delivery]
    switch verdict {
    case .dropped: return
    case .delivered(let one): copies = [one]
    case .duplicated(let one, let two): copies = [one, two]
    }
    for copy in copies {
      var bytes = bytes
      bytes.moveWriterIndex(to: bytes.readerIndex + copy.byteCount(of: bytes.readableBytes))
      bytes.withUnsafeMutableReadableBytes { raw in
        var span = MutableSpan(_unsafeElements: raw.assumingMemoryBound(to: UInt8.self))
        copy.apply(to: &span)
      }
      guard copy.delayNanoseconds > 0 else {
        deliver(bytes, copy.isMarked)
        continue
      }
      flight.waitingCount += 1
      loop.schedule(after: copy.delayNanoseconds) { [bytes] in
        flight.waitingCount -= 1
        deliver(bytes, copy.isMarked)
      }
    }
  }
}
