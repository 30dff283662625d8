import ArgumentParser
import Ground

/// `--straggler` and `--behind`.
struct StragglerOptions: ParsableArguments {
  /// What a group's sender does with receivers that fall behind.
  enum Choice: String, WordArgument { case wait, drop }

  private static let defaultNanoseconds: Nanoseconds = .seconds(10)
  private static let leastNanoseconds: Nanoseconds = .seconds(1)

  @Option(
    help:
      "Chunked, groups only: wait for receivers that fall behind, or drop them. With drop the others do not wait: a straggler is served when they have everything, and is left when it is --behind them; without it wait."
  )
  var straggler: Choice?
  @Option(
    help: ArgumentHelp(
      "With --straggler drop: how far a receiver may be behind the others, 1s or more; without it 10s.",
      valueName: "time"),
    transform: TimeText.read)
  var behind: TimeText?

  /// Nil: the sender waits for each.
  var limitNanoseconds: Nanoseconds? {
    straggler == .drop ? behind?.nanoseconds ?? Self.defaultNanoseconds : nil
  }

  var partialOptions: [PartialOption] {
    [
      PartialOption("--behind", behind != nil, .chunkedGroup),
      PartialOption("--straggler", straggler != nil, .chunkedGroup),
    ]
  }

  /// Throws for a --behind that does nothing, or that every receiver would exceed.
  func check() throws {
    guard let behind else { return }
    guard straggler == .drop else {
      throw ValidationError("--behind is for --straggler drop: leave it out, or add --straggler drop")
    }
    guard behind.nanoseconds >= Self.leastNanoseconds else {
      throw ValidationError("--behind must be 1s or more, because reports are that old in a large group")
    }
  }
}
