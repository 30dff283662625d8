import ArgumentParser
import Ground
import Trace

/// `--trace`, `--pcap` and `--drop-trace` of send, receive and show.
struct TraceArguments: ParsableArguments {
  @Option(
    name: .customLong("trace"),
    help: ArgumentHelp(
      "Write what the session does, datagram by datagram; `gallery trace` reads it.", valueName: "run.qlog"))
  var qlogPath: String?
  @Option(
    name: .customLong("pcap"),
    help: ArgumentHelp(
      "Write the datagrams sent and received as a capture, for Wireshark; needs no root.",
      valueName: "run.pcap"))
  var pcapPath: String?

  @Option(
    name: .customLong("drop-trace"),
    help: ArgumentHelp(
      "Write what --drop and --impair did, a line a datagram: direction, packet number, type, fate, without times, so that two runs compare; `gallery trace --drops` holds it against the NACKs. (--trace has the drops too.)",
      valueName: "run.csv"))
  var dropTracePath: String?

  var isNone: Bool { qlogPath == nil && pcapPath == nil && dropTracePath == nil }

  /// `label` tells the files of several sessions apart.
  func options(label: String?) -> TraceOptions {
    var options = TraceOptions(qlogPath: qlogPath, pcapPath: pcapPath, dropTracePath: dropTracePath)
    options.hostName = hostName
    return label.map { options.labelled($0) } ?? options
  }

  /// Only drivers of the chunked protocol over UDP know of them.
  func validate(mode: TransferMode, protocolName: TransferProtocol) throws {
    guard !isNone, mode == .tcp || protocolName == .naive else { return }
    throw ValidationError(
      "--trace, --pcap and --drop-trace are for the chunked protocol over UDP; capture others with tcpdump")
  }
}
