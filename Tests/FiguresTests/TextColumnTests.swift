import Figures
import Testing

@Suite struct TextColumnTests {
  @Test(arguments: [("ab", "ab  ", "  ab"), ("abcd", "abcd ", " abcd"), ("abcdef", "abcdef ", " abcdef")])
  func neighboursNeverTouch(text: String, left: String, right: String) {
    #expect(TextColumn.left(text, 4) == left)
    #expect(TextColumn.right(text, 4) == right)
  }
}
