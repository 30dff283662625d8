import Impairment
import Testing

@Suite struct LossModelTests {
  private static let count: UInt64 = 400_000

  @Test(arguments: LossModel.examples, [UInt64(1), 2, 3])
  func theLossRateIsTheModels(model: LossModel, seed: UInt64) {
    let lost = losses(model, seed: seed, numbers: 0..<Self.count).count { $0 }
    let rate = Double(lost) / Double(Self.count)
    // Runs make the estimate coarser: about 2 × run length × p / n of variance. 5 standard deviations.
    let runLength: Double =
      switch model {
      case .none, .random: 0.5
      case .burst(_, let meanRunLength): meanRunLength
      case .gilbertElliott(_, let toGood, _, _): 1 / toGood
      }
    let tolerance = 5 * (2 * runLength * model.meanLoss / Double(Self.count)).squareRoot()
    #expect(abs(rate - model.meanLoss) <= tolerance, "\(rate)")
  }

  @Test(arguments: [(0.01, 4.0), (0.05, 8.0), (0.1, 20.0), (0.3, 2.0), (0.5, 1.0), (0.6, 1.5)])
  func runsHaveTheMeanLengthAskedFor(meanLoss: Double, meanRunLength: Double) {
    let model = LossModel.burst(meanLoss: meanLoss, meanRunLength: meanRunLength)
    let runs = runLengths(losses(model, seed: 11, numbers: 0..<Self.count))
    let mean = Double(runs.reduce(0, +)) / Double(runs.count)
    // Run lengths are geometric; their standard deviation is below their mean.
    #expect(abs(mean - meanRunLength) <= 5 * meanRunLength / Double(runs.count).squareRoot(), "\(mean)")
  }

  @Test func independentLossHasShortRuns() {
    let runs = runLengths(losses(.random(0.1), seed: 5, numbers: 0..<Self.count))
    let mean = Double(runs.reduce(0, +)) / Double(runs.count)
    #expect(abs(mean - 1 / 0.9) < 0.02, "\(mean)")
  }

  @Test(arguments: LossModel.examples)
  func theFateDoesNotDependOnTheOrder(model: LossModel) {
    let numbers = Array(UInt64(60_000)..<75_000)
    let inOrder = losses(model, seed: 21, numbers: numbers)
    #expect(losses(model, seed: 21, numbers: numbers.reversed()).reversed() == inOrder)
    var generator = Xoshiro256StarStar(seed: 1)
    let shuffled = numbers.shuffled(using: &generator)
    let fates = losses(model, seed: 21, numbers: shuffled)
    for (number, isLost) in zip(shuffled, fates) {
      #expect(isLost == inOrder[Int(number - 60_000)])
    }
    // Twice each, as duplicates arrive.
    let doubled = losses(model, seed: 21, numbers: numbers.flatMap { [$0, $0] })
    #expect(zip(inOrder, stride(from: 0, to: doubled.count, by: 2)).allSatisfy { $0 == doubled[$1] })
  }

  @Test(arguments: LossModel.examples.dropFirst())
  func receiversAndDirectionsLoseOtherDatagrams(model: LossModel) {
    let base = losses(model, seed: 4, numbers: 0..<Self.count)
    let others = [
      losses(model, seed: 4, receiver: 1, numbers: 0..<Self.count),
      losses(model, seed: 4, direction: .towardsSender, numbers: 0..<Self.count),
      losses(model, seed: 5, numbers: 0..<Self.count),
    ]
    for other in others {
      let both = Double(zip(base, other).count { $0 && $1 })
      let expected = model.meanLoss * model.meanLoss * Double(Self.count)
      // Overlap of two independent processes; bursts overlap in clumps of up to some 20.
      #expect(abs(both - expected) <= 5 * (20 * expected).squareRoot() + 20, "\(both) beside \(expected)")
    }
  }

  @Test(arguments: [
    LossModel.random(-0.1), .random(1.01), .random(.nan), .burst(meanLoss: 0.05, meanRunLength: 0.5),
    .burst(meanLoss: 0.9, meanRunLength: 2), .burst(meanLoss: 1, meanRunLength: 2),
    .burst(meanLoss: 0.1, meanRunLength: .infinity),
    .gilbertElliott(toBad: 2, toGood: 0.1, lossGood: 0, lossBad: 1),
    .gilbertElliott(toBad: 0.1, toGood: 0.1, lossGood: 0, lossBad: -1),
  ])
  func impossibleModelsAreRefused(model: LossModel) {
    #expect(throws: ImpairmentError.self) { try model.validate() }
  }
}
