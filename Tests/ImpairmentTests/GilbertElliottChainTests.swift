import Impairment
import Testing

@Suite struct GilbertElliottChainTests {
  private static let fate = Fate(seed: 31, direction: .towardsReceiver, receiver: 0)

  private static func chain(_ model: LossModel) throws -> GilbertElliottChain {
    GilbertElliottChain(
      parameters: try #require(GilbertElliottChain.Parameters(model)), fate: fate)
  }

  /// Also a chain that rather alternates than stays (toBad > 1 − toGood), where the search must count flips.
  @Test(arguments: [
    LossModel.burst(meanLoss: 0.05, meanRunLength: 8), .burst(meanLoss: 0.4, meanRunLength: 1.1),
    .gilbertElliott(toBad: 0.9, toGood: 0.8, lossGood: 0, lossBad: 1),
    .gilbertElliott(toBad: 0.0001, toGood: 0.0001, lossGood: 0, lossBad: 1),
    .gilbertElliott(toBad: 1, toGood: 1, lossGood: 0, lossBad: 1),
  ])
  func searchingAndSteppingAgree(model: LossModel) throws {
    var stepping = try Self.chain(model)
    let numbers = Array(UInt64(65_000)..<66_500)
    let inOrder = numbers.map { stepping.isBad(at: $0) }
    for (number, isBad) in zip(numbers, inOrder) {
      var fresh = try Self.chain(model)
      let found = fresh.isBad(at: number)
      #expect(found == isBad, "\(number)")
    }
  }

  @Test func aFrozenChainEndsItsSearch() throws {
    var chain = try Self.chain(.gilbertElliott(toBad: 0, toGood: 0, lossGood: 0, lossBad: 1))
    let states = [65_535, .max, 0].map { chain.isBad(at: $0) }
    #expect(states == [false, false, false])
  }

  @Test func aBurstModelIsGilberts() throws {
    let parameters = try #require(
      GilbertElliottChain.Parameters(.burst(meanLoss: 0.2, meanRunLength: 4)))
    #expect(parameters.toGood == 0.25)
    #expect(abs(parameters.toBad - 0.0625) < 1e-15)
    #expect((parameters.lossGood, parameters.lossBad) == (0, 1))
    #expect(GilbertElliottChain.Parameters(.random(0.1)) == nil)
  }
}
