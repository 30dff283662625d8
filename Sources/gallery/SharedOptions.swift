import ArgumentParser
import Foundation
import Ground
import Naive
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

  var naive: NaiveMode {
    switch self {
    case .unicast: .unicast
    case .broadcast: .broadcast
    case .multicast: .multicast
    case .tcp: .tcp
    }
  }
}

extension TransferProtocol: ExpressibleByArgument {}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print a summary for machines on standard output.")
  var json = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func printJSON(_ report: some Encodable) { print(JSONText.pretty(report)) }
}

/// The host's own name.
var hostName: String { ProcessInfo.processInfo.hostName }
