import ArgumentParser
import Impairment
import Transport

/// `--one-way` and `--rounds`.
struct OneWayOptions: ParsableArguments {
  @Flag(
    help:
      "Chunked over UDP only: receivers send nothing back and can start at any time. The set is sent in --rounds with parity, at 10Mbit without --rate, and nobody confirms what arrived."
  )
  var oneWay = false
  @Option(
    help: ArgumentHelp(
      "With --one-way: how many times the set is sent, or forever, which Ctrl-C ends; without it 2.",
      valueName: "number"),
    transform: RoundsText.read)
  var rounds: RoundsText?

  /// Nil: receivers answer.
  var plan: OneWay? {
    guard oneWay else { return nil }
    guard let rounds else { return OneWay(roundCount: OneWay.defaultRoundCount) }
    return OneWay(roundCount: rounds.count)
  }

  var partialOptions: [PartialOption] {
    [
      PartialOption("--rounds", rounds != nil, .chunkedUDP), PartialOption("--one-way", oneWay, .chunkedUDP),
    ]
  }

  /// Throws for an option that does nothing beside --one-way, or without it.
  func check(_ command: SendCommand) throws {
    guard oneWay else {
      guard rounds == nil else {
        throw ValidationError("--rounds is for --one-way: leave it out, or add --one-way")
      }
      return
    }
    let idle = [
      ("--receivers", command.receivers != nil), ("--wait", command.wait != nil),
      ("--controller", command.controller != nil), ("--straggler", command.stragglers.straggler != nil),
    ]
    for (name, isGiven) in idle where isGiven {
      throw ValidationError("\(name) does nothing with --one-way, as no receiver answers: leave it out")
    }
    try command.impair.refuse(.in, "a one-way sender hears nothing: leave it out, or write 'out: …'")
  }
}

/// A number of rounds on the command line: 1 or more, or `forever`.
struct RoundsText: Sendable {
  private static let counts: ClosedRange<UInt64> = 1...1_000_000

  /// Nil: for ever.
  let count: UInt64?

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> RoundsText {
    if text == "forever" { return RoundsText(count: nil) }
    guard let count = UInt64(text), counts.contains(count) else {
      throw ValidationError("rounds are a number from 1 to \(counts.upperBound), or forever")
    }
    return RoundsText(count: count)
  }
}
