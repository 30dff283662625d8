/// How datagrams are lost at random. Probabilities in 0...1.
package enum LossModel: Equatable, Sendable {
  case none
  /// Each datagram on its own, with this probability.
  case random(Double)
  /// Losses in runs: mean loss in 0..<1, mean run length in datagrams, at least 1. This is Gilbert's chain:
  /// nothing is lost in the good state, and everything is lost in the bad one.
  case burst(meanLoss: Double, meanRunLength: Double)
  /// Gilbert–Elliott (Elliott, "Estimates of error rates for codes on burst-noise channels", 1963): `toBad`
  /// and `toGood` are the probabilities of changing state at each datagram; a loss probability per state.
  case gilbertElliott(toBad: Double, toGood: Double, lossGood: Double, lossBad: Double)

  /// A set of models that tests and simulations sweep.
  package static let examples: [LossModel] = [
    .none, .random(0.01), .random(0.05), .random(0.1), .random(0.3),
    .burst(meanLoss: 0.01, meanRunLength: 4), .burst(meanLoss: 0.05, meanRunLength: 8),
    .burst(meanLoss: 0.1, meanRunLength: 20),
    .gilbertElliott(toBad: 0.02, toGood: 0.2, lossGood: 0.001, lossBad: 0.4),
  ]

  /// The expected fraction of datagrams lost, 0...1.
  package var meanLoss: Double {
    switch self {
    case .none: 0
    case .random(let probability): probability
    case .burst(let meanLoss, _): meanLoss
    case .gilbertElliott(let toBad, let toGood, let lossGood, let lossBad):
      toBad + toGood > 0
        ? (toBad * lossBad + toGood * lossGood) / (toBad + toGood) : lossGood
    }
  }

  /// - Throws: ``ImpairmentError`` if a number is outside its range, or if a burst model is impossible
  ///   because its runs would have to begin more often than at every datagram.
  package func validate() throws(ImpairmentError) {
    switch self {
    case .none: return
    case .random(let probability):
      try ImpairmentError.checkProbability(probability, "loss", maximum: 1)
    case .burst(let meanLoss, let meanRunLength):
      try ImpairmentError.checkProbability(meanLoss, "burst loss", maximum: 0.99)
      guard meanRunLength >= 1, meanRunLength <= 1_000_000 else {
        throw .outOfRange(what: "burst run length", got: "\(meanRunLength)", allowed: "1...1000000 datagrams")
      }
      guard let chain = GilbertElliottChain.Parameters(self), chain.toBad <= 1 else {
        throw .outOfRange(
          what: "burst", got: "\(meanLoss) loss in runs of \(meanRunLength)",
          allowed: "runs long enough for the loss: run length >= loss / (1 - loss)")
      }
    case .gilbertElliott(let toBad, let toGood, let lossGood, let lossBad):
      try ImpairmentError.checkProbability(toBad, "ge good-to-bad", maximum: 1)
      try ImpairmentError.checkProbability(toGood, "ge bad-to-good", maximum: 1)
      try ImpairmentError.checkProbability(lossGood, "ge loss in the good state", maximum: 1)
      try ImpairmentError.checkProbability(lossBad, "ge loss in the bad state", maximum: 1)
    }
  }
}
