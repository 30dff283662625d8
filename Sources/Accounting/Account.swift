/// The equations of one side of one run. A report that does not balance counted something twice or not at all: the run
/// fails, because none of its numbers can be trusted.
package struct Account: Codable, Equatable, Sendable {
  package var equations: [Equation]

  package init(_ equations: [Equation] = []) { self.equations = equations }

  package var isBalanced: Bool { equations.allSatisfy(\.isBalanced) }

  /// One line for each equation that does not balance.
  package var imbalances: [String] {
    equations.compactMap(\.imbalance).map { "the accounting does not balance: \($0)" }
  }

  /// As people read it, a line an equation; those of what did not happen, and matters of course, are left out.
  package var text: String {
    let head = isBalanced ? "accounting (balanced):" : "accounting (NOT balanced):"
    return ([head] + equations.filter { $0.isShown || !$0.isBalanced }.map { "  \($0.text)" })
      .joined(separator: "\n")
  }

  private enum CodingKeys: String, CodingKey { case equations, balances }

  package init(from decoder: any Decoder) throws {
    equations = try decoder.container(keyedBy: CodingKeys.self).decode([Equation].self, forKey: .equations)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(equations, forKey: .equations)
    try values.encode(isBalanced, forKey: .balances)
  }
}
