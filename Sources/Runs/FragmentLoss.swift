package import Impairment
package import Naive
import Synchronization

/// Random loss for the naive protocol, packet by packet. A 1,500-byte link cuts the datagram of an image into
/// IP fragments. Each fragment is lost independently, and one lost fragment loses the datagram.
///
/// The decision is made on whole datagrams, above IP: loopback's MTU is 65,536, so that the kernel cuts
/// nothing. No fragment of a lost image stays in the kernel's reassembly memory, and no trial inherits the
/// fragments of another.
package enum FragmentLoss {
  /// Fragments of one datagram, each with 1,480 bytes below a 20-byte IP header; at least 1.
  package static func fragmentCount(byteCount: Int) -> Int { max(1, (byteCount + 8 + 1_479) / 1_480) }

  /// IP bytes of one datagram on such a link, headers included.
  package static func packetByteCount(byteCount: Int) -> Int {
    byteCount + 8 + 20 * fragmentCount(byteCount: byteCount)
  }

  /// Decides for one receiver; nil when nothing is to be lost.
  package static func decision(lossFraction: Double, seed: UInt64) -> NaiveDropDecision? {
    decision(
      lossFraction > 0 ? .random(lossFraction) : .none, seed: seed, direction: .towardsReceiver)
  }

  /// Decides by any model of loss. The naive protocol has no packet numbers: its datagrams are counted
  /// instead.
  package static func decision(_ loss: LossModel, seed: UInt64, direction: Direction) -> NaiveDropDecision? {
    guard loss != .none else { return nil }
    let link = Mutex(
      ImpairedLink(Impairment(loss: loss), seed: seed, direction: direction, receiver: 0))
    return { number, byteCount in
      link.withLock { link in
        var isLost = false
        // All fragments are decided, so that the fate of the next image does not depend on the first lost
        // fragment of this one.
        for fragment in 0..<fragmentCount(byteCount: byteCount) {
          let verdict = link.handle(
            packetNumber: number * 64 + UInt64(fragment), kind: 0, byteCount: 1_500, now: 0)
          if case .dropped = verdict { isLost = true }
        }
        return isLost
      }
    }
  }
}
