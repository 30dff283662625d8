import ArgumentParser
import Foundation
import Impairment
import Transport

/// How files reach the other side.
enum TransferMode: String, ExpressibleByArgument, CaseIterable {
  case unicast, broadcast, multicast, tcp

  var udp: UDPMode? { UDPMode(rawValue: rawValue) }
}

enum ProtocolName: String, ExpressibleByArgument, CaseIterable {
  case chunked, naive
}

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

  init(_ error: any Error, _ status: ExitStatus) { self.init(error: "\(error)", status) }

  init(error: String, _ status: ExitStatus) {
    self.error = error
    exitCode = status.rawValue
  }
}

struct ImpairOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Drop this part of the datagrams, at random, each way.", valueName: "5%"))
  var drop: String?
  @Option(
    help: ArgumentHelp(
      "Impair datagrams each way: loss, burst:5%,8, delay:20ms, jitter:5ms, dup:1%, reorder:5%, corrupt:0.1%, rate:100Mbit, buffer:30ms, wifi; joined by ';'.",
      valueName: "text"))
  var impair: String?
  @Option(help: "Seed of the induced impairment: the same seed, the same fate for the same datagrams.")
  var seed: UInt64 = 1

  func impairments() throws -> UDPImpairments {
    var result = UDPImpairments()
    result.seed = seed
    let texts = [drop, impair].compactMap(\.self)
    guard !texts.isEmpty else { return result }
    do {
      let impairment = try Impairment(parsing: texts)
      result.outgoing = impairment
      result.incoming = impairment
    } catch { throw ValidationError("\(error)") }
    return result
  }

  var isNone: Bool { drop == nil && impair == nil }
}

/// A length of time as people write it: `3s`, `500ms`, `2min`, `3`.
struct TimeText: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 0.001), ("min", 60), ("s", 1), ("", 1)]
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
