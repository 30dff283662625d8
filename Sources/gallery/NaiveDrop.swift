import ArgumentParser
import Impairment
import Naive
import Runs
import Transport

/// `--drop` for the naive protocol: losses packet by packet, as `compare` has them. It has no packet numbers:
/// its datagrams are counted instead, from 0.
enum NaiveDrop {
  /// What the sender does to the datagrams it sends. None come in.
  static func outgoing(_ options: ImpairOptions) throws -> NaiveDropDecision? {
    try options.refuse(.in, "a naive sender hears nothing: leave it out, or write 'out: …'")
    return try decision(options.impairments().outgoing, seed: options.seed)
  }

  /// What a receiver does to the datagrams that come in. It sends none.
  static func incoming(_ options: ImpairOptions) throws -> NaiveDropDecision? {
    try options.refuse(.out, "a naive receiver sends nothing: leave it out, or write 'in: …'")
    return try decision(options.impairments().incoming, seed: options.seed)
  }

  private static func decision(_ impairment: Impairment, seed: UInt64?) throws -> NaiveDropDecision? {
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
    let byChance = FragmentLoss.decision(
      impairment.loss, seed: seed ?? ImpairOptions.defaultSeed, direction: .towardsReceiver)
    return { number, byteCount in
      // Chance draws for each datagram, so that a named one does not change the fate of the others.
      let isLost = byChance?(number, byteCount) ?? false
      return isLost || drops.contains { $0.matches(packetNumber: number, kind: 0, occurrence: 0) }
    }
  }
}
