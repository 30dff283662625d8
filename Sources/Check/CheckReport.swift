import FileSet
import Ground

/// What a check found.
package struct CheckReport: Sendable {
  package var results: [CheckResult] = []

  package init() {}

  package var passedCount: Int { results.count { $0.passed } }
  package var hasPassed: Bool { passedCount == results.count }
}

/// One case.
package struct CheckResult: Sendable {
  package let name: String
  package let section: String
  package let sentence: String
  /// Plain sentences; none when it passed.
  package let faults: [String]
  /// The datagrams whose treatment is enough for the failure, as "chunk 5 lost"; nil when it was not
  /// searched. Empty: it fails without any.
  package var smallest: [String]?
  /// What the program printed last.
  package let output: String
  /// The files that show the failure.
  package var records: [String] = []

  package var passed: Bool { faults.isEmpty }

  package init(name: String, section: String, sentence: String, faults: [String], output: String) {
    self.name = name
    self.section = section
    self.sentence = sentence
    self.faults = faults
    self.output = output
  }
}

extension CheckResult {
  /// One line, and for a failure the lines below it.
  package var text: String {
    guard !passed else { return "✔ \(name)" }
    return "✘ \(name)\n" + detail.map { "    \($0)" }.joined(separator: "\n")
  }

  /// What a person needs to know of a failure.
  package var detail: [String] {
    guard !passed else { return [] }
    var lines = faults
    switch smallest {
    case nil: break
    case []?: lines.append("it fails too when no datagram is lost or changed")
    case let some?: lines.append("it is enough that this happens: " + some.joined(separator: "; "))
    }
    lines.append("Specs/\(section): \u{201C}\(sentence)\u{201D}")
    lines += records.map { "look at \($0)" }
    let printed = output.split(separator: "\n").suffix(6)
    if !printed.isEmpty { lines += ["it printed last:"] + printed.map { "  " + String($0).printable } }
    return lines
  }
}

extension CheckReport {
  /// A report as Gradescope's autograder reads it from results.json: one test for each case, a point each.
  package struct Gradescope: Encodable, Sendable {
    package struct Test: Encodable, Sendable {
      package let name: String
      package let score: Double
      package let max_score: Double
      package let status: String
      package let output: String
    }
    package let output: String
    package let tests: [Test]
  }

  package var gradescope: Gradescope {
    Gradescope(
      output: "\(passedCount) of \(results.count) cases passed",
      tests: results.map {
        let sentence = "Specs/\($0.section): \u{201C}\($0.sentence)\u{201D}"
        return Gradescope.Test(
          name: $0.name, score: $0.passed ? 1 : 0, max_score: 1, status: $0.passed ? "passed" : "failed",
          output: $0.passed ? sentence : $0.detail.joined(separator: "\n"))
      })
  }
}
