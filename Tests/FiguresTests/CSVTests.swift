import Figures
import Testing

@Suite struct CSVTests {
  @Test func eachLineEndsWithALineFeed() {
    #expect(CSV.text(head: "a,b", lines: [CSV.line(["1", ""]), CSV.line(["3", "4"])]) == "a,b\n1,\n3,4\n")
    #expect(CSV.text(head: "a,b", lines: []) == "a,b\n")
  }
}
