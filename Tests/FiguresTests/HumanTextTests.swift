import Figures
import Testing

@Suite struct HumanTextTests {
  @Test(arguments: [
    (1.005, 0, "1"), (12.345, 1, "12.3"), (0, 3, "0.000"), (.infinity, 2, "–"), (.nan, 2, "–"),
  ])
  func decimals(value: Double, digits: Int, text: String) { #expect(HumanText.fixed(value, digits) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000")])
  func groupsOfThree(value: Int, text: String) { #expect(HumanText.grouped(value) == text) }

  @Test func aNounGoesWithItsNumber() {
    #expect(HumanText.grouped(1, "packet") == "1 packet")
    #expect(HumanText.grouped(1_200, "packet") == "1,200 packets")
    #expect(HumanText.grouped(0, "packet is", "packets are") == "0 packets are")
    #expect(HumanText.grouped(UInt64.max, "byte") == "18,446,744,073,709,551,615 bytes")
  }

  @Test(arguments: [(0, "0 %"), (0.05, "5 %"), (0.005, "0.50 %"), (1, "100 %")])
  func fractionsInPercent(fraction: Double, text: String) { #expect(HumanText.percent(fraction) == text) }

  /// Only what is complete is 100 %.
  @Test(
    arguments: [(0, 0, "100 %"), (999, 1_000, "99 %"), (1_000, 1_000, "100 %")] as [(UInt64, UInt64, String)])
  func partsInPercent(part: UInt64, whole: UInt64, text: String) {
    #expect(HumanText.percent(part, of: whole) == text)
  }

  @Test(
    arguments: [
      (0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (99_940, "99.9 kB"), (999_499, "999 kB"),
      (999_500, "1.00 MB"), (.max, "18447 PB"),
    ] as [(UInt64, String)])
  func bytes(count: UInt64, text: String) { #expect(HumanText.bytes(count) == text) }

  @Test(
    arguments: [
      (0, 0, "–"), (1_000, 1, "8 kb/s"), (1_000_000, 1, "8.0 Mb/s"), (1_000_000_000, 4, "2.00 Gb/s"),
    ] as [(UInt64, Double, String)])
  func rates(byteCount: UInt64, seconds: Double, text: String) {
    #expect(HumanText.rate(byteCount, seconds: seconds) == text)
  }

  @Test(arguments: [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3_725, "1 h 2 min")])
  func durations(seconds: Double, text: String) { #expect(HumanText.duration(seconds) == text) }
}
