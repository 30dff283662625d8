import ArgumentParser
import Foundation
import Ground
import Transport

extension TransferMode: ExpressibleByArgument {
  /// Nil for TCP.
  var udp: UDPMode? {
    switch self {
    case .unicast: .unicast
    case .broadcast: .broadcast
    case .multicast: .multicast
    case .tcp: nil
    }
  }
}

extension TransferProtocol: ExpressibleByArgument {}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print a summary for machines on standard output.")
  var json = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func printJSON(_ report: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    if let data = try? encoder.encode(report) { print(String(decoding: data, as: UTF8.self)) }
  }
}

/// `--json` of a run that ended before there was anything else to report.
struct ErrorReport: Encodable {
  let error: String
  let exitCode: Int32
  let isWhole = false

  init(_ error: any Error, _ status: ExitStatus) { self.init(error: Console.text(error), status) }

  init(error: String, _ status: ExitStatus) {
    self.error = error
    exitCode = status.rawValue
  }
}

/// A length of time as people write it: `3s`, `500ms`, `2min`, `3`; the units are those of --impair.
struct TimeText: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [(String, Double)] = [
      ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 0.001), ("min", 60), ("s", 1), ("", 1),
    ]
    for (unit, factor) in units where argument.hasSuffix(unit) {
      if let value = Double(argument.dropLast(unit.count)), value >= 0, value.isFinite, value <= 1e6 {
        seconds = value * factor
        return
      }
    }
    return nil
  }
}

/// A rate as people write it: `100Mbit`, `1.5Gbit`, `64kbit`.
struct RateText: ExpressibleByArgument {
  let bitsPerSecond: Double

  init?(argument: String) {
    let units: [(String, Double)] = [("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3), ("bit", 1)]
    for (unit, factor) in units where argument.hasSuffix(unit) {
      guard let value = Double(argument.dropLast(unit.count)), value > 0, value.isFinite else { return nil }
      bitsPerSecond = value * factor
      return
    }
    return nil
  }
}

/// The host's own name.
var hostName: String { ProcessInfo.processInfo.hostName }
