import Study
import Testing

/// The shapes of parity that a sweep takes, as a person writes them.
@Suite struct StudyParityTests {
  @Test(arguments: [
    ("off", 0, 0, "off"), ("64", 64, 16, "64"), ("64x16", 64, 16, "64"), ("200x1", 200, 1, "200x1"),
    ("1x255", 1, 255, "1x255"), ("64+5%", 64, 16, "64+5%"), ("64x16+12.5%", 64, 16, "64+12.5%"),
    ("8x2+100%", 8, 2, "8x2+100%"),
  ])
  func paritiesAreRead(text: String, chunks: Int, stride: Int, shown: String) {
    let parity = StudyParity(rawValue: text)
    #expect(parity?.blockChunkCount == chunks && parity?.stride == stride && parity?.rawValue == shown)
  }

  @Test(arguments: [
    "", "0", "201", "x", "64x", "x16", "64x0", "64x256", "64x16x1", "auto", "-1", " 64", "64+", "64+5", "+5%",
    "64+0%", "64+101%", "64+5%+5%", "off+5%",
  ])
  func otherParitiesAreNone(text: String) { #expect(StudyParity(rawValue: text) == nil) }

  @Test func aFixedShareIsReadBack() {
    for tenths in 1...1_000 {
      let text = "64+\(tenths / 10).\(tenths % 10)%"
      let shown = StudyParity(rawValue: text)?.rawValue
      #expect(shown == (tenths % 10 == 0 ? "64+\(tenths / 10)%" : text))
    }
  }
}
