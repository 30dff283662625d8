import ArgumentParser
import Impairment
import Naive
import Synchronization
import Transport

/// `--drop` for the naive protocol, which has no packet numbers: its datagrams are counted instead.
enum NaiveDrop {
  static func decision(_ options: ImpairOptions, direction: Direction) throws -> NaiveDropDecision? {
    let impairment = try options.impairments().outgoing
    guard !impairment.isNone else { return nil }
    var lossOnly = Impairment.none
    lossOnly.loss = impairment.loss
    guard lossOnly == impairment else {
      throw ValidationError(
        "the naive protocol takes loss only, as in --drop 5%: its datagrams cannot be delayed here")
    }
    let link = Mutex(ImpairedLink(impairment, seed: options.seed, direction: direction, receiver: 0))
    return { number, byteCount in
      // Each IP fragment is lost by itself, and the datagram with any of them.
      let fragments = max(1, (byteCount + 8 + 1_479) / 1_480)
      return link.withLock { link in
        for fragment in 0..<fragments {
          let verdict = link.handle(
            packetNumber: number * 64 + UInt64(fragment), kind: 0, byteCount: 1_500, now: 0)
          if case .dropped = verdict { return true }
        }
        return false
      }
    }
  }
}
