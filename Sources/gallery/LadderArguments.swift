import ArgumentParser
import Figures
import Ground
import Trace

/// `--ladder` of trace, and which part of the session it draws.
struct LadderArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Draw each datagram as an arrow between sender and receiver, around the first loss. Name the traces of both: one alone does not know what was lost on the way.",
      valueName: "run.svg"))
  var ladder: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "With --ladder: draw another session beside this one, and mark the first difference. As many traces as of this one.",
      valueName: "qlog"))
  var against: [String] = []
  @Option(
    help: ArgumentHelp("With --ladder: draw what happened to this chunk.", valueName: "chunk"))
  var around: UInt64?
  @Option(
    help: ArgumentHelp(
      "With --ladder: draw from this time on, counted from the session's start.", valueName: "20ms"),
    transform: TimeText.read)
  var from: TimeText?
  @Option(
    help: ArgumentHelp("With --ladder: draw up to this time.", valueName: "40ms"), transform: TimeText.read)
  var to: TimeText?

  func validate() throws {
    guard ladder != nil || against.isEmpty else {
      throw ValidationError("--against draws two sessions beside each other: add --ladder run.svg")
    }
    guard ladder != nil || (around == nil && from == nil && to == nil) else {
      throw ValidationError("--around, --from and --to choose what --ladder draws: add --ladder run.svg")
    }
    guard around == nil || (from == nil && to == nil) else {
      throw ValidationError("--around chooses the time itself: leave out --from and --to")
    }
    guard ladder.map({ $0.lowercased().hasSuffix(".svg") }) ?? true else {
      throw ValidationError("--ladder writes SVG: name a file that ends in .svg")
    }
  }

  /// Draws the ladder of one or two traces. Returns what differs first from the session of --against; nil
  /// without it.
  func draw(_ trace: String, _ other: String?) throws -> String? {
    guard let ladder else { return nil }
    let own = try Ladder(path: trace, other: other)
    guard let first = against.first else {
      var picture = try LadderPicture(own, view)
      try ResultFiles.write(picture.document(), to: ladder)
      return nil
    }
    let second = try Ladder(path: first, other: against.dropFirst().first)
    var pair = try LadderPair(own, second, names: Self.names(trace, first), view)
    try ResultFiles.write(pair.document(), to: ladder)
    return pair.sentence
  }

  /// The files' names, with their folders when these are what differs.
  private static func names(_ one: String, _ other: String) -> (String, String) {
    let short = [one, other].map(\.lastPathPart)
    return short[0] == short[1] ? (one, other) : (short[0], short[1])
  }

  private var view: LadderView {
    if let around { return .chunk(around) }
    guard from != nil || to != nil else { return .firstLoss }
    return .times(from: from.map { $0.seconds * 1_000 }, to: to.map { $0.seconds * 1_000 })
  }
}
