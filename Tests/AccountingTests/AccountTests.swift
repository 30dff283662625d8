import Accounting
import Foundation
import Testing

@Suite struct AccountTests {
  private static let sent = Equation(
    "datagrams", [Equation.Term("sent", 1_057)],
    [Equation.Term("first", 672), Equation.Term("repair", 335), Equation.Term("control", 50)])

  @Test func anEquationThatBalances() {
    #expect(Self.sent.isBalanced && Self.sent.imbalance == nil)
    #expect(Self.sent.text == "sent 1057 datagrams = 672 first + 335 repair + 50 control")
    #expect(Account([Self.sent]).isBalanced && Account([Self.sent]).imbalances.isEmpty)
  }

  @Test func oneCountTooManyOnEitherSideIsSeenAndNamed() throws {
    var more = Self.sent
    more.left[0].count += 1
    #expect(!more.isBalanced)
    #expect(
      more.imbalance
        == "datagrams: 1058 sent is 1058, but 672 first + 335 repair + 50 control is 1057: the right side (first, repair, control) lacks 1"
    )
    var less = Self.sent
    less.right[1].count += 3
    #expect(try #require(less.imbalance).hasSuffix("the left side (sent) lacks 3"))
    let account = Account([Self.sent, less])
    #expect(!account.isBalanced && account.imbalances.count == 1)
    #expect(account.imbalances[0].hasPrefix("the accounting does not balance: datagrams: "))
  }

  @Test func sumsOfBothSidesCount() {
    let flow = Equation(
      "datagrams", [Equation.Term("sent", 10), Equation.Term("doubled", 2)],
      [Equation.Term("handed", 11), Equation.Term("dropped", 1)])
    #expect(flow.isBalanced)
    #expect(flow.text == "sent 10 datagrams + 2 doubled = 11 handed + 1 dropped")
    let one = Equation("datagrams", [Equation.Term("sent", 1)], [Equation.Term("control", 1)])
    #expect(one.text == "sent 1 datagram = 1 control")
  }

  @Test func whatDidNotHappenIsNotPrintedUnlessItIsWrong() {
    let head = "accounting (balanced):\n  "
    var none = Equation("NACKs", [Equation.Term("due", 0)], [Equation.Term("sent", 0)])
    #expect(Account([Self.sent, none]).text == head + Self.sent.text)
    let course = Equation(
      "chunks", [Equation.Term("held", 5)], [Equation.Term("new", 5), Equation.Term("old", 0)], isDetail: true
    )
    #expect(Account([Self.sent, course]).text == head + Self.sent.text)
    #expect(course.text == "held 5 chunks = 5 new")
    none.right[0].count = 2
    #expect(
      Account([Self.sent, none]).text
        == "accounting (NOT balanced):\n  \(Self.sent.text)\n  due 0 NACKs = 2 sent")
  }

  @Test func countsThatAreHostileDoNotTrap() {
    let wild = Equation("bytes", [Equation.Term("a", .max), Equation.Term("b", 2)], [Equation.Term("c", 1)])
    #expect(!wild.isBalanced, "a sum beyond 64 bits is no number that was counted")
  }

  @Test func jsonSaysWhetherItBalancesAndReadsBack() throws {
    var account = Account([Self.sent])
    account.equations[0].right[0].count = 0
    let bytes = try JSONEncoder().encode(account)
    let object = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(object["balances"] as? Bool == false)
    #expect(try JSONDecoder().decode(Account.self, from: bytes) == account)
  }
}
