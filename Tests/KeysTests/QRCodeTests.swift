import Keys
import Testing

@Suite struct QRCodeTests {
  private static let words = "bado kilu mena pori sudo tavi"

  /// The pattern in three of a code's corners, by which a camera finds it.
  private static let finder = [
    "#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######",
  ]

  private func corner(_ code: QRCode, _ row: Int, _ column: Int) -> [String] {
    (0..<7).map { y in
      (0..<7).map { x in code.isDark(row: row + y, column: column + x) ? "#" : " " }.joined()
    }
  }

  @Test func aCodeOfSixWordsIsASmallSquare() throws {
    let code = try #require(QRCode(Self.words))
    #expect(code.width == 25)  // version 2: up to 32 bytes
    #expect(corner(code, 0, 0) == Self.finder)
    #expect(corner(code, 0, 18) == Self.finder)
    #expect(corner(code, 18, 0) == Self.finder)
    #expect(corner(code, 18, 18) != Self.finder)
    #expect(!code.isDark(row: -1, column: 0) && !code.isDark(row: 0, column: 25))
  }

  @Test func anotherTextIsAnotherCode() throws {
    #expect(try #require(QRCode(Self.words)) == QRCode(Self.words))
    #expect(QRCode(Self.words) != QRCode("bado kilu mena pori sudo tavo"))
  }

  @Test func itsLinesAreAsWideAsTheCodeAndItsMargin() throws {
    let lines = try #require(QRCode(Self.words)).lines
    #expect(lines.count == 17)
    for line in lines {
      let cells = line.dropFirst("\u{1B}[38;5;16;48;5;231m".count).dropLast("\u{1B}[0m".count)
      #expect(cells.count == 33)
    }
    // The margin of four modules: two lines.
    #expect(lines[0].filter { "▀▄█".contains($0) }.isEmpty)
    #expect(lines[1].filter { "▀▄█".contains($0) }.isEmpty)
    #expect(!lines[2].filter { "▀▄█".contains($0) }.isEmpty)
  }

  @Test func whatIsTooLongHasNone() {
    #expect(QRCode(String(repeating: "a", count: 3_000)) == nil)
  }
}
