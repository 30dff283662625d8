import ArgumentParser
import Trace

/// `--trace` and `--pcap` of send, receive and show.
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

  var isNone: Bool { qlogPath == nil && pcapPath == nil }

  /// `label` tells the files of several sessions apart.
  func options(label: String?) -> TraceOptions {
    var options = TraceOptions(qlogPath: qlogPath, pcapPath: pcapPath)
    options.hostName = hostName
    return label.map { options.labelled($0) } ?? options
  }

  /// Only drivers of the chunked protocol over UDP know of them.
  func validate(mode: TransferMode, protocolName: ProtocolName) throws {
    guard !isNone, mode == .tcp || protocolName == .naive else { return }
    throw ValidationError(
      "--trace and --pcap are for the chunked protocol over UDP; capture others with tcpdump")
  }
}
