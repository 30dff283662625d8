/// One line of an account, as `sent = first + repair + parity + control`. The two sums are counted at
/// different places and must be equal. Specs/accounting.md §10 lists all equations, and where each term is
/// counted.
package struct Equation: Codable, Equatable, Sendable {
  /// A count with its name, in the words of Specs/accounting.md.
  package struct Term: Codable, Equatable, Sendable {
    package var name: String
    package var count: UInt64

    package init(_ name: String, _ count: UInt64) {
      self.name = name
      self.count = count
    }
  }

  /// What is counted: datagrams, bytes, NACKs, chunks, images, connections.
  package var unit: String
  package var left: [Term]
  package var right: [Term]
  /// Whether people see this equation only when it says something: when more than one of its terms is not 0.
  package var isDetail: Bool

  package init(_ unit: String, _ left: [Term], _ right: [Term], isDetail: Bool = false) {
    self.unit = unit
    self.left = left
    self.right = right
    self.isDetail = isDetail
  }

  package var isBalanced: Bool { Self.sum(left) == Self.sum(right) }
  /// Whether people see a line for this equation. Equations about events that did not occur are hidden, and
  /// so are details that say nothing.
  package var isShown: Bool {
    let used = [left, right].map { side in side.count { $0.count > 0 } }
    return used.contains { $0 > (isDetail ? 1 : 0) }
  }

  /// The line for people: `sent 1057 datagrams = 672 first + 335 repair + 0 parity + 50 control`. A detail is
  /// written without its zeros.
  package var text: String {
    guard let head = left.first else { return "" }
    let rest = left.dropFirst().filter { !isDetail || $0.count > 0 }.map { " + \($0.count) \($0.name)" }
      .joined()
    // The plural of every unit ends in s.
    let unit = head.count == 1 && unit.hasSuffix("s") ? String(unit.dropLast()) : unit
    return
      "\(head.name) \(head.count) \(unit)\(rest) = \(Self.text(right.filter { !isDetail || $0.count > 0 }))"
  }

  /// Which side is larger, and by how much; nil when both sides are equal.
  package var imbalance: String? {
    let (here, there) = (Self.sum(left), Self.sum(right))
    guard here != there else { return nil }
    let side = here > there ? "right" : "left"
    let names = here > there ? right : left
    return "\(unit): \(Self.text(left)) is \(here), but \(Self.text(right)) is \(there): "
      + "the \(side) side (\(names.map(\.name).joined(separator: ", "))) lacks \(here > there ? here - there : there - here)"
  }

  private static func text(_ terms: [Term]) -> String {
    terms.map { "\($0.count) \($0.name)" }.joined(separator: " + ")
  }

  /// 128 bits hold any sum of counts. A report may come from a file with arbitrary numbers.
  private static func sum(_ terms: [Term]) -> UInt128 { terms.reduce(0) { $0 + UInt128($1.count) } }

  private enum CodingKeys: String, CodingKey { case unit, left, right, detail, balances }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    unit = try values.decode(String.self, forKey: .unit)
    left = try values.decode([Term].self, forKey: .left)
    right = try values.decode([Term].self, forKey: .right)
    isDetail = try values.decode(Bool.self, forKey: .detail)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(unit, forKey: .unit)
    try values.encode(left, forKey: .left)
    try values.encode(right, forKey: .right)
    try values.encode(isDetail, forKey: .detail)
    try values.encode(isBalanced, forKey: .balances)
  }
}
