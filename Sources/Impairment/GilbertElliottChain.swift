/// The two-state chain behind bursts. Its state can be read at any packet number, and in any order.
///
/// A chain is usually stepped from the start. Then a late datagram, or one far ahead, is expensive or wrong.
/// This chain is a pure function of the packet number, by coupling from the past (Propp, Wilson 1996). Number
/// n has one uniform draw, which says where *both* states go. A draw below min(toBad, 1 − toGood) leads to
/// bad, and a draw from their maximum on leads to good, whatever the state was. Between the two bounds the
/// state stays (or flips, if toBad > 1 − toGood). So the state at n follows from the nearest earlier number
/// whose draw decides, on average 1 / (toBad + toGood) draws before n.
///
/// At every ``restartInterval`` numbers the state is drawn anew from the stationary distribution. This bounds
/// the search in slow chains, and so the cost of a forged packet number, and it does not change the mean
/// loss.
package struct GilbertElliottChain: Sendable {
  /// Packet numbers between two fresh draws of the state.
  package static let restartInterval: UInt64 = 65_536

  /// The chain's probabilities, each in 0...1.
  package struct Parameters: Equatable, Sendable {
    package var toBad: Double
    package var toGood: Double
    package var lossGood: Double
    package var lossBad: Double

    /// Nil for models without a chain. A burst model becomes Gilbert's chain: a run ends with probability 1 /
    /// mean run length, and runs begin often enough that the share of the bad state is the mean loss.
    package init?(_ model: LossModel) {
      switch model {
      case .none, .random: return nil
      case .burst(let meanLoss, let meanRunLength):
        toGood = 1 / meanRunLength
        toBad = toGood * meanLoss / (1 - meanLoss)
        lossGood = 0
        lossBad = 1
      case .gilbertElliott(let toBad, let toGood, let lossGood, let lossBad):
        self.toBad = toBad
        self.toGood = toGood
        self.lossGood = lossGood
        self.lossBad = lossBad
      }
    }
  }

  package let parameters: Parameters
  private let transitions: Fate.Stream
  private let restarts: Fate.Stream
  /// The last answer, so that datagrams in order cost one draw each. It is only a cache: no answer depends on
  /// it.
  private var lastPacketNumber = UInt64.max
  private var lastIsBad = false

  package init(parameters: Parameters, fate: Fate) {
    self.parameters = parameters
    transitions = fate.stream(.chainTransition)
    restarts = fate.stream(.chainRestart)
  }

  /// Whether the chain is in its bad state at a packet number.
  package mutating func isBad(at packetNumber: UInt64) -> Bool {
    let isBad: Bool
    if packetNumber == lastPacketNumber {
      return lastIsBad
    } else if lastPacketNumber != .max, packetNumber == lastPacketNumber + 1,
      packetNumber % Self.restartInterval != 0
    {
      isBad = step(from: lastIsBad, at: packetNumber)
    } else {
      isBad = search(packetNumber)
    }
    lastPacketNumber = packetNumber
    lastIsBad = isBad
    return isBad
  }

  /// One transition, taken by the draw of the number it leads to.
  private func step(from wasBad: Bool, at packetNumber: UInt64) -> Bool {
    let draw = transitions.unit(packetNumber)
    return wasBad ? draw < 1 - parameters.toGood : draw < parameters.toBad
  }

  /// Searches backwards for the nearest number that decides the state by itself, and counts the flips on the
  /// way.
  private func search(_ packetNumber: UInt64) -> Bool {
    let low = min(parameters.toBad, 1 - parameters.toGood)
    let high = max(parameters.toBad, 1 - parameters.toGood)
    let flips = parameters.toBad > 1 - parameters.toGood
    var number = packetNumber
    var isFlipped = false
    while number % Self.restartInterval != 0 {
      let draw = transitions.unit(number)
      if draw < low { return !isFlipped }
      if draw >= high { return isFlipped }
      if flips { isFlipped.toggle() }
      number -= 1
    }
    return stationaryIsBad(at: number) != isFlipped
  }

  private func stationaryIsBad(at packetNumber: UInt64) -> Bool {
    let total = parameters.toBad + parameters.toGood
    return total > 0 && restarts.happens(packetNumber, probability: parameters.toBad / total)
  }
}
