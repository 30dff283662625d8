import ArgumentParser
import Testing

import gallery

/// Times and rates are read alike, wherever a person types them.
@Suite struct QuantityArgumentsTests {
  /// Each place of a time; the value stands for `?`.
  private static let times = [
    "send x --to h --wait ?", "send x --to h --protocol naive --pause ?", "receive --idle-timeout ?",
    "receive --wait ?", "show --interval ?", "view x --interval ?", "compare x --pause ?",
    "send x --to h --impair delay:?", "receive --impair in:jitter:?", "send x --to h --drop 1%;outage:0,?",
  ]
  private static let rates = ["send x --to h --rate ?", "send x --to h --impair rate:?"]

  private func refusal(_ line: String, _ value: String) -> String? {
    let words = line.split(separator: " ").map { String($0.replacing("?", with: value)) }
    do {
      _ = try Gallery.parseAsRoot(words)
      return nil
    } catch { return Gallery.message(for: error) }
  }

  @Test(arguments: times, ["500us", "500\u{B5}s", "200ns", "5ms", "0.5s", "0.001min", "0.01s"])
  func everyUnitOfTime(place: String, value: String) {
    #expect(refusal(place, value) == nil)
  }

  @Test(
    arguments: times, ["3", "0.5", "5h", "5 minutes", "1e3s", "0x10ms", "s", "99999999999999999999s"])
  func whatIsNoTimeIsToldTheUnits(place: String, value: String) {
    let text = refusal(place, value)
    #expect(text?.contains("a time in ns, us, ms, s or min, as in ") == true, "\(text ?? "read")")
  }

  @Test(arguments: rates, ["10mbit", "10Mbit", "10Mbit/s", "1.5gbit", "64kbit", "2000bit"])
  func everyUnitOfARate(place: String, value: String) {
    #expect(refusal(place, value) == nil)
  }

  @Test(arguments: rates, ["10", "10mb", "10Mbps", "fast", "1e3Mbit"])
  func whatIsNoRateIsToldTheUnits(place: String, value: String) {
    let text = refusal(place, value)
    #expect(text?.contains("a rate in bit, kbit, Mbit or Gbit") == true, "\(text ?? "read")")
  }

  @Test(arguments: ["auto", "off", "0.1%", "5%", "12.5%", "100%"])
  func parityIsAWordOrAPart(value: String) {
    #expect(refusal("send x --to h --mode broadcast --parity ?", value) == nil)
  }

  @Test(arguments: ["5", "0%", "0.05%", "101%", "1e1%", "0x5%", "nan%", "inf%", "%", "", "on"])
  func whatIsNoParityIsToldWhatIs(value: String) {
    let text = refusal("send x --to h --mode broadcast --parity ?", value)
    #expect(text?.contains("auto, off, or 0.1% to 100%, as in 5%") == true, "\(text ?? "read")")
  }

  /// The option is named, and the value that was typed.
  @Test func theOptionIsNamed() {
    #expect(
      refusal("send x --to h --wait ?", "3")
        == "The value '3' is invalid for '--wait <time>': the unit is missing: expected a time in ns, us, ms, s or min, as in 500ms"
    )
  }
}
