import ArgumentParser
import Figures
import Study

/// `0,1,5,10` or `0:30:5` (first, last, step), percent.
struct LossList: ExpressibleByArgument {
  let fractions: [Double]

  init?(argument: String) {
    guard let values = SweepText.values(argument), values.allSatisfy({ (0..<100).contains($0) }) else {
      return nil
    }
    fractions = values.map { $0 / 100 }
  }

  var defaultValueDescription: String {
    fractions.map { HumanText.fixed($0 * 100, 0) }.joined(separator: ",")
  }

  init(percent: [Double]) { fractions = percent.map { $0 / 100 } }
}

/// `1,3,10`: each 1 or more.
struct CountList: ExpressibleByArgument {
  let counts: [Int]

  init?(argument: String) {
    let counts = argument.split(separator: ",").map { Int($0) ?? 0 }
    guard !counts.isEmpty, counts.allSatisfy({ $0 >= 1 }) else { return nil }
    self.counts = counts
  }

  var defaultValueDescription: String { counts.map(String.init).joined(separator: ",") }

  init(counts: [Int]) { self.counts = counts }
}

/// `off,64,200x8`: repair by chunks, or blocks of k chunks and their stride.
struct ParityList: ExpressibleByArgument {
  let parities: [StudyParity]

  init?(argument: String) {
    var parities: [StudyParity] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let parity = StudyParity(rawValue: String(word)) else { return nil }
      if !parities.contains(parity) { parities.append(parity) }
    }
    self.parities = parities
  }

  var defaultValueDescription: String { parities.map(\.rawValue).joined(separator: ",") }

  init(parities: [StudyParity]) { self.parities = parities }
}
