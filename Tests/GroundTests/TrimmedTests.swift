import Ground
import Testing

struct TrimmedTests {
  @Test(arguments: [
    ("25000\n", "25000"), (" \t a b \r\n", "a b"), ("a", "a"), ("", ""), (" \n ", ""),
    ("\u{A0}é\u{2003}", "é"),
  ])
  func ends(text: String, trimmed: String) {
    #expect(text.trimmed == trimmed)
    #expect(text[...].trimmed == trimmed)
  }
}
