import Testing
import Viewer

struct DisplayTextTests {
  @Test(
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (45_123, "45.1 kB"), (999_940, "999.9 kB"),
      (999_990, "1.0 MB"),
      (UInt64.max, "18.4 EB"),
    ] as [(UInt64, String)])
  func byteCounts(count: UInt64, expected: String) {
    #expect(DisplayText.byteCount(count) == expected)
  }

  @Test(
    arguments: [
      ("a.jpg", "a.jpg"), ("a\nb\u{1B}[31m\u{0}", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}"),
      ("x\u{202E}gpj", "x\u{FFFD}gpj"),
      ("größe 日本.jpg", "größe 日本.jpg"),
    ])
  func hostileNamesStayOnOneLine(text: String, expected: String) {
    #expect(DisplayText.oneLine(text) == expected)
  }

  @Test(arguments: [
    ("abcdefgh", 5, "ab…gh"), ("abcdefgh", 4, "ab…h"), ("abc", 3, "abc"), ("abc", 1, "…"), ("abc", 0, "…"),
  ])
  func shortensInTheMiddle(text: String, limit: Int, expected: String) {
    #expect(DisplayText.shortened(text, to: limit) == expected)
  }

  @Test func combiningMarksAreBounded() {
    let hostile = "a" + String(repeating: "\u{0301}", count: 100_000)
    #expect(DisplayText.oneLine(hostile).unicodeScalars.count <= 4 * DisplayText.characterLimit)
  }
}
