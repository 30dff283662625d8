import ArgumentParser
import Impairment
import Lab
import Naive
import Transport

/// `--drop` for the naive protocol: losses packet by packet, as `compare` has them.
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
    return FragmentLoss.decision(impairment.loss, seed: options.seed, direction: direction)
  }
}
