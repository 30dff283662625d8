import Figures
import Transport

/// What a one-way sender tells a person.
enum OneWayText {
  /// Symbols of a round for each chunk of the set, about, and what the manifest and the announces take.
  private static let symbolsPerChunk = 0.27
  private static let otherDatagramsPerChunk = 0.04

  /// Before the first datagram; nil when receivers answer.
  static func beginning(_ options: UDPSendOptions, fileByteCount: UInt64) -> String? {
    guard let oneWay = options.oneWay, let rate = options.rateLimitBitsPerSecond else { return nil }
    let rounds =
      oneWay.roundCount.map { HumanText.count($0, "round", "rounds") }
      ?? "rounds without end (Ctrl-C ends them)"
    let symbols = options.parity == .off ? 0 : options.parity.fixedShare ?? symbolsPerChunk
    let datagramsPerChunk = 1 + symbols + otherDatagramsPerChunk
    let seconds = max(1, Double(fileByteCount) * 8 * datagramsPerChunk / rate)
    return
      "one-way: \(rounds) of about \(HumanText.duration(seconds)) at \(HumanText.rate(UInt64(rate / 8), seconds: 1)); --rate and --rounds change this"
  }

  /// Behind the last datagram.
  static func end(roundCount: UInt64) -> String {
    "the whole set was sent \(HumanText.count(roundCount, "time", "times")); receivers do not answer a one-way sender, so nobody knows what arrived"
  }
}
