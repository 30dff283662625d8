import ArgumentParser
import Impairment
import Naive
import Synchronization
import Transport

/// `--drop` for the naive protocol, which has no packet numbers: its datagrams are counted instead, from 0.
enum NaiveDrop {
  /// What the sender does to the datagrams it sends.
  static func outgoing(_ options: ImpairOptions) throws -> NaiveDropDecision? {
    try decision(options.impairments().outgoing, seed: options.seed)
  }

  /// What a receiver does to those that come in.
  static func incoming(_ options: ImpairOptions) throws -> NaiveDropDecision? {
    try decision(options.impairments().incoming, seed: options.seed)
  }

  private static func decision(_ impairment: Impairment, seed: UInt64) throws -> NaiveDropDecision? {
    guard !impairment.isNone else { return nil }
    var dropsOnly = Impairment.none
    dropsOnly.loss = impairment.loss
    dropsOnly.drops = impairment.drops
    let hasTypes = impairment.drops.contains { if case .packets = $0 { false } else { true } }
    guard dropsOnly == impairment, !hasTypes else {
      throw ValidationError(
        "the naive protocol takes loss and datagrams by number only, as in --drop 5% or --impair 'drop datagram 3': its datagrams cannot be delayed here, and have no types"
      )
    }
    let drops = impairment.drops
    var lossOnly = Impairment.none
    lossOnly.loss = impairment.loss
    let link = Mutex(ImpairedLink(lossOnly, seed: seed, direction: .towardsReceiver, receiver: 0))
    return { number, byteCount in
      if drops.contains(where: { $0.matches(packetNumber: number, kind: 0, occurrence: 0) }) { return true }
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
