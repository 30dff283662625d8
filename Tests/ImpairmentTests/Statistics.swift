import Impairment

/// Pearson's chi-square of counts against one expected count each.
func chiSquare(_ counts: [Int], expected: Double) -> Double {
  counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}

/// Which of the packet numbers a link loses.
func losses(
  _ loss: LossModel, seed: UInt64, direction: Direction = .towardsReceiver, receiver: UInt64 = 0,
  numbers: some Sequence<UInt64>
) -> [Bool] {
  var link = ImpairedLink(
    Impairment(loss: loss), seed: seed, direction: direction, receiver: receiver)
  return numbers.map {
    link.handle(packetNumber: $0, kind: 3, byteCount: 1_500, now: 0) == .dropped(.randomLoss)
  }
}

/// The lengths of the runs of true.
func runLengths(_ flags: [Bool]) -> [Int] {
  flags.split(separator: false).map(\.count)
}
