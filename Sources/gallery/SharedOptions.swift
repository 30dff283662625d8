import ArgumentParser
import FoundationEssentials
import Ground
import Transport

/// The value of an option that is one of a few words. The texts are those of ArgumentParser's own extensions,
/// whose general code would look up many types at each start.
protocol WordArgument: ExpressibleByArgument, CaseIterable, RawRepresentable where RawValue == String {}

extension WordArgument {
  static var allValueStrings: [String] { allCases.map { $0.rawValue } }
  static var allValueDescriptions: [String: String] { [:] }
  var defaultValueDescription: String { rawValue }
}

extension TransferMode: WordArgument {}
extension TransferProtocol: WordArgument {}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print a summary for machines on standard output.")
  var json = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func printJSON(_ report: some Encodable) { print(JSONText.pretty(report)) }
}

/// The host's own name.
var hostName: String { ProcessInfo.processInfo.hostName }
