import ArgumentParser
import Foundation
import Ground
import Transport

extension TransferMode: ExpressibleByArgument {}
extension TransferProtocol: ExpressibleByArgument {}
extension ParityChoice: ExpressibleByArgument {}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print a summary for machines on standard output.")
  var json = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func printJSON(_ report: some Encodable) { print(JSONText.pretty(report)) }
}

/// The host's own name.
var hostName: String { ProcessInfo.processInfo.hostName }
