import Ground
import Testing

@Suite struct InstantTests {
  @Test func saturatesAtBothEnds() {
    #expect(Instant.zero - Instant(nanoseconds: 5) == 0)
    #expect(Instant(nanoseconds: 7) - Instant(nanoseconds: 5) == 2)
    #expect(Instant(nanoseconds: .max - 1) + 5 == .never)
    #expect(Instant.never + 1 == .never)
  }

  @Test func theTimestampWrapsAfterSeventyOneMinutes() {
    #expect(Instant(nanoseconds: 4_294_967_295_999).timestamp == .max)
    #expect(Instant(nanoseconds: 4_294_967_296_000).timestamp == 0)
  }
}
