import Accounting
import Runs
import Testing

@Suite struct BalanceTests {
  private static let good = Account([
    Equation(
      "datagrams", [Equation.Term("sent", 3)], [Equation.Term("first", 2), Equation.Term("control", 1)])
  ])

  @Test func accountsThatBalancePass() throws {
    try Balance.check([])
    try Balance.check([nil, Self.good])
  }

  @Test func oneCountThatIsOffEndsTheRun() throws {
    var bad = Self.good
    bad.equations[0].right[1].count = 2
    let line = try #require(bad.imbalances.first)
    #expect(throws: RunError.unbalanced(line)) { try Balance.check([Self.good, nil, bad]) }
    #expect(line.contains("datagrams: 3 sent is 3, but 2 first + 2 control is 4"))
  }
}
