import ArgumentParser
import Ground
import Naive
import Transport

/// What `receive` and `show` have in common.
package struct ReceiveOptions: ParsableArguments {
  @Option(help: "unicast (UDP), broadcast, multicast or tcp.")
  var mode: TransferMode = .unicast
  @Option(name: .customLong("protocol"), help: "chunked, or naive as a first networking course writes it.")
  var protocolName: TransferProtocol = .chunked
  @Option(help: "Address to listen at; without it all of this host's.")
  var bind: String?
  @Option(help: "UDP or TCP port; 0 takes a free one.")
  var port = 25_000
  @Option(
    help: ArgumentHelp(
      "Write the port there as soon as the receiver listens: scripts wait for this file.", valueName: "file"))
  var readyFile: String?
  @Option(help: ArgumentHelp("Multicast group to join.", valueName: "224.1.1.5"))
  var group: String?
  @Option(
    help:
      "The one interface to hear and answer by, by name or address; without it all (a group: the route decides)."
  )
  var interface: String?
  @Option(help: ArgumentHelp("Folder for the files.", valueName: "dir"))
  var into = "inbox"
  @Flag(help: "Replace files that are there already.")
  var overwrite = false
  @Option(
    help: ArgumentHelp(
      "Silence of the sender that ends a session (naive: no other image); without it 15s.", valueName: "time")
  )
  var idleTimeout: TimeText?
  @Option(
    help: ArgumentHelp(
      "Give up when no sender has come by then, as in 60s; without it wait for ever.", valueName: "time")
  )
  var wait: TimeText?
  @Flag(help: "Stay for the next session (naive: the images' numbers go on).")
  var keep = false
  @OptionGroup var impair: ImpairOptions
  @OptionGroup var tracing: TraceArguments
  @Flag(help: "Print what became of every datagram or byte.")
  var account = false
  @OptionGroup var output: OutputOptions

  package init() {}

  package func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
    if let bind { try HostText.checkNumbers(bind, option: "--bind") }
    if let group {
      try HostText.checkNumbers(group, option: "--group")
      try HostText.checkGroup(group)
    }
    if mode == .multicast, group == nil, bind == nil {
      throw ValidationError("which group? Name it, as in --group 224.1.1.5")
    }
    if mode != .multicast, group != nil { throw ValidationError("--group goes with --mode multicast") }
    if mode == .tcp, !impair.isNone {
      throw ValidationError("--drop and --impair are for datagrams: below TCP we cannot reach the packets")
    }
    _ = try impair.impairments()
    if protocolName == .naive {
      do { _ = try NaiveReceiving.receiver(self, port: port) } catch let error as NaiveError {
        throw ValidationError(error.description)
      }
    }
    try tracing.validate(mode: mode, protocolName: protocolName)
  }

  /// `session` counts from 1: with --keep each writes a trace of its own. `port`: the one of the first session.
  func udpOptions(mode: UDPMode, session: Int, port: Int) throws -> UDPReceiveOptions {
    var options = UDPReceiveOptions(port: port, hostName: hostName)
    options.mode = mode
    options.bindHost = bind
    options.group = group
    options.interface = interface
    options.idleSeconds = idleTimeout?.seconds ?? 15
    options.waitSeconds = wait?.seconds
    options.impairments = try impair.impairments()
    options.trace = tracing.options(label: session > 1 ? "\(session)" : nil)
    return options
  }
}
