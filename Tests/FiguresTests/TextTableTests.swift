import Figures
import Testing

@Suite struct TextTableTests {
  private static func table(columns: Int, keyCount: Int = 1, groupSize: Int = 1) -> TextTable {
    var table = TextTable(
      head: (0..<columns).map { "column \($0)" }, keyCount: keyCount, groupSize: groupSize)
    for row in 0..<3 { table.add((0..<columns).map { "\(row * 100 + $0)" }) }
    return table
  }

  @Test(arguments: [30, 57, 80, 100, 161])
  func noLineIsWiderThanAsked(width: Int) {
    let lines = Self.table(columns: 15).text(width: width).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
    for column in 1..<15 {
      #expect(lines.contains { $0.split(separator: " ").contains("\(200 + column)") }, "column \(column)")
    }
  }

  @Test func eachPartHasTheKeyColumns() {
    let parts = Self.table(columns: 12, keyCount: 2).text(width: 60).split(separator: "\n\n")
    #expect(parts.count == 3)
    #expect(parts.allSatisfy { $0.hasPrefix("column 0  column 1") })
  }

  @Test func groupsStayTogether() {
    let heads = Self.table(columns: 10, groupSize: 3).text(width: 60).split(separator: "\n\n").map {
      $0.split(separator: "\n")[0]
    }
    #expect(heads.count == 3 && heads[1] == "column 0  column 4  column 5  column 6")
  }

  @Test func aNarrowTableIsOnePart() {
    #expect(Self.table(columns: 3).text(width: 100).split(separator: "\n").count == 5)
  }

  @Test func aColumnWiderThanThePageStandsAlone() {
    #expect(Self.table(columns: 3).text(width: 5).split(separator: "\n\n").count == 2)
  }
}
