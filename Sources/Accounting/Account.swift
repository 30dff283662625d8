/// The equations of one side of one run. When a report does not balance, something was counted twice or not
/// at all. The run then fails, because none of its numbers can be trusted.
package struct Account: Codable, Equatable, Sendable {
  package var equations: [Equation]

  package init(_ equations: [Equation] = []) { self.equations = equations }

  package var isBalanced: Bool { equations.allSatisfy(\.isBalanced) }

  /// One line for each equation that does not balance.
  package var imbalances: [String] {
    equations.compactMap(\.imbalance).map { "the accounting does not balance: \($0)" }
  }

  /// The account for people, one line for each equation. Equations about events that did not occur, and
  /// equations that say nothing new, are left out.
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
