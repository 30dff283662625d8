import ArgumentParser
import Ground
import Trace

/// `--trace`, `--pcap` and `--drop-trace` of send, receive and show.
struct TraceArguments: ParsableArguments {
  @Option(
    name: .customLong("trace"),
    help: ArgumentHelp(
      "Chunked over UDP only: write what the session does, datagram by datagram; `gallery trace` reads it.",
      valueName: "run.qlog"))
  var qlogPath: String?
  @Option(
    name: .customLong("pcap"),
    help: ArgumentHelp(
      "Chunked over UDP only: write the datagrams sent and received as a capture, for Wireshark; needs no root.",
      valueName: "run.pcap"))
  var pcapPath: String?

  @Option(
    name: .customLong("drop-trace"),
    help: ArgumentHelp(
      "Chunked over UDP only: write what --drop and --impair did, a line a datagram: direction, packet number, type, fate, without times, so that two runs compare; `gallery trace --drops` holds it against the NACKs. (--trace has the drops too.)",
      valueName: "run.csv"))
  var dropTracePath: String?

  var partialOptions: [PartialOption] {
    [
      PartialOption("--trace", qlogPath != nil, .chunkedTrace),
      PartialOption("--pcap", pcapPath != nil, .chunkedTrace),
      PartialOption("--drop-trace", dropTracePath != nil, .chunkedTrace),
    ]
  }

  /// `label` tells the files of several sessions apart.
  func options(label: String?) -> TraceOptions {
    var options = TraceOptions(qlogPath: qlogPath, pcapPath: pcapPath, dropTracePath: dropTracePath)
    options.hostName = hostName
    return label.map { options.labelled($0) } ?? options
  }
}
