import ArgumentParser
import Impairment
import Transport

/// A length of time on the command line: `3s`, `500ms`, `2min`. ``Quantity`` reads it, as it reads those of
/// --impair.
struct TimeText: Sendable {
  /// Longer waits mean nothing to people, and no sum of them overflows: 10^6 s, eleven days.
  private static let limitNanoseconds: UInt64 = 1_000_000_000_000_000

  let nanoseconds: UInt64

  var seconds: Double { Double(nanoseconds) / 1e9 }

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> TimeText {
    let nanoseconds = try Quantity.nanoseconds(text)
    guard nanoseconds <= limitNanoseconds else { throw QuantityError.tooLarge(.time) }
    return TimeText(nanoseconds: nanoseconds)
  }
}

/// `--parity`: `auto`, `off`, or symbols for each hundred chunks, as in `5%`.
struct ParityText: Sendable {
  let choice: ParityChoice

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> ParityText {
    switch text {
    case "auto": return ParityText(choice: .auto)
    case "off": return ParityText(choice: .off)
    default:
      guard let choice = ParityChoice(fixed: text) else {
        throw ValidationError("auto, off, or 0.1% to 100%, as in 5%")
      }
      return ParityText(choice: choice)
    }
  }
}

/// A rate on the command line: `100Mbit`, `1.5Gbit`, `64kbit`; above 0.
struct RateText: Sendable {
  let bitsPerSecond: UInt64

  /// For `@Option(transform:)`.
  static func read(_ text: String) throws -> RateText {
    let rate = try Quantity.bitsPerSecond(text)
    guard rate > 0 else { throw ValidationError("a rate is above 0, as in 100Mbit") }
    return RateText(bitsPerSecond: rate)
  }
}
