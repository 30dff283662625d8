import ArgumentParser
import FileSet
import Foundation
import Naive
import Session
import Transport

struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Sends the images of a folder, or several folders and files.",
    discussion: """
      Examples:
        gallery send images/large --to 10.1.1.34
        gallery send images/large --to 10.1.1.34 --to 10.1.1.35 --mode tcp
        gallery send images/large --mode multicast --to 224.1.1.5 --receivers 3
        gallery send images/small --protocol naive --to 192.168.56.12
        gallery send photos --all --recursive --to host.example --drop 5%
        gallery send *.jpg album --to 10.1.1.34
        gallery send images/small --to 10.1.1.34 --impair 'in: drop the first NACK'
        gallery send images/small --to 10.1.1.34,10.1.1.35 --impair 'r2 out: wifi'
      """)

  @Argument(help: ArgumentHelp("Folders and files to send, as one set.", valueName: "folder"))
  var paths: [String]
  @Option(
    help: ArgumentHelp(
      "Receiver, broadcast address or group; repeat, or separate by commas, for several.",
      valueName: "host[:port]"))
  var to: [String] = []
  @Option(help: "unicast (UDP), broadcast, multicast or tcp.")
  var mode: TransferMode = .unicast
  @Option(name: .customLong("protocol"), help: "chunked, or naive as a first networking course writes it.")
  var protocolName: ProtocolName = .chunked
  @Option(help: "UDP or TCP port.")
  var port = 25_000
  @Option(help: "Interface to send from, by name or address; without it the route decides.")
  var interface: String?
  @Option(help: "Links a multicast datagram may cross.")
  var ttl = 1
  @Option(help: "In a group: start when so many receivers have joined.")
  var receivers: Int?
  @Option(
    help: ArgumentHelp("How long to wait for receivers (naive: before the end marker).", valueName: "5s"))
  var wait: TimeText?
  @Option(
    help:
      "Bytes of an IP packet; without it the largest that the path carries (a group: the interface's MTU).")
  var mtu: Int?
  @Option(help: ArgumentHelp("Upper bound of the rate; none is needed.", valueName: "100Mbit"))
  var rate: RateText?
  @Option(help: "Rate control: model (default), aimd, or fixed at --rate.")
  var controller: ControllerName = .model
  @Flag(help: "Send any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @Flag(help: "Send sub-folders too.")
  var recursive = false
  @Option(help: ArgumentHelp("Naive: pause between two images.", valueName: "5ms"))
  var pause: TimeText?
  @OptionGroup var impair: ImpairOptions
  @OptionGroup var tracing: TraceArguments
  @OptionGroup var output: OutputOptions

  enum ControllerName: String, ExpressibleByArgument, CaseIterable { case model, aimd, fixed }

  func validate() throws {
    guard !to.joined().isEmpty else {
      throw ValidationError("where to? Name a receiver, as in --to 10.1.1.34")
    }
    guard (1...65_535).contains(port) else { throw ValidationError("--port must be 1 to 65535") }
    guard (0...255).contains(ttl) else { throw ValidationError("--ttl must be 0 to 255") }
    for text in to.flatMap({ $0.split(separator: ",") })
    where HostText.split(String(text), defaultPort: port) == nil {
      throw ValidationError(
        "--to \(text): a host, or host:port with a port from 1 to 65535; [address]:port for IPv6")
    }
    for (host, _) in destinations {
      try HostText.checkNumbers(host, option: "--to")
      try HostText.checkKind(host, mode: mode)
    }
    if let receivers, receivers < 1 { throw ValidationError("--receivers must be 1 or more") }
    if let mtu, !(128...65_535).contains(mtu) { throw ValidationError("--mtu must be 128 to 65535 bytes") }
    if controller == .fixed, rate == nil {
      throw ValidationError("--controller fixed needs --rate, as in --rate 100Mbit")
    }
    if mode.udp?.isGroup ?? false, destinations.count > 1 {
      throw ValidationError("one \(mode.rawValue) address at a time: all receivers hear it")
    }
    if mode == .tcp, !impair.isNone {
      throw ValidationError("--drop and --impair are for datagrams: below TCP we cannot reach the packets")
    }
    if mode == .tcp, rate != nil || mtu != nil {
      throw ValidationError("--rate and --mtu are for datagrams: TCP finds its own")
    }
    if protocolName == .naive, destinations.count > 1 {
      throw ValidationError("the naive protocol sends to one address at a time")
    }
    if protocolName == .naive {
      do { _ = try NaiveSending.sender(self) } catch let error as NaiveError {
        throw ValidationError(error.description)
      }
    }
    if mode.udp?.isGroup ?? false {
      _ = try impair.impairments()  // all receivers of a group get the same datagram: none can be chosen here
    } else {
      for index in destinations.indices { _ = try impairments(index) }
    }
    try tracing.validate(mode: mode, protocolName: protocolName)
  }

  /// Each destination with its port; `validate` has seen to it that all can be read.
  var destinations: [(host: String, port: Int)] {
    to.flatMap { $0.split(separator: ",") }.compactMap { HostText.split(String($0), defaultPort: port) }
  }

  private func impairments(_ index: Int) throws -> UDPImpairments {
    try impair.impairments(receiver: .init(index: index, hosts: destinations.map(\.host)))
  }

  func run() throws {
    SignalTrap.set()
    do {
      let console = Console(isQuiet: output.quiet)
      let set = try FileScanner.scan(paths, options: ScanOptions(allFiles: all, recursive: recursive))
      set.notices.forEach(console.say)
      try send(set, console)
      if let shortfall = set.shortfall {
        Console.fail("not all was sent: \(shortfall)")
        throw ExitStatus.partial.exitCode
      }
    } catch let error as ExitCode { throw error } catch let error as ValidationError { throw error } catch {
      Console.fail("\(error)")
      if output.json { output.printJSON(ErrorReport(error, ExitStatus(error))) }
      throw ExitStatus(error).exitCode
    }
  }

  private func send(_ set: ScannedSet, _ console: Console) throws {
    if protocolName == .naive { return try NaiveSending(command: self, set: set, console: console).run() }
    console.say(
      "\(HumanText.count(set.manifest.entries.count, "file", "files")), \(HumanText.bytes(set.manifest.fileByteCount)), from \(HumanText.paths(paths))"
    )
    if mode == .tcp { return try StreamSending(command: self, set: set, console: console).run() }
    try ChunkedSending(command: self, set: set, console: console).run()
  }

  /// For the destination at this place, from 0.
  func udpOptions(_ index: Int, mode: UDPMode) throws -> UDPSendOptions {
    let (host, port) = destinations[index]
    var options = UDPSendOptions(host: host, port: port)
    options.mode = mode
    options.interface = interface
    options.hopCount = ttl
    options.mtuByteCount = mtu
    options.receiverCount = mode.isGroup ? receivers : nil
    options.joinSeconds = wait?.seconds
    switch controller {
    case .model: options.controller = .model
    case .aimd: options.controller = .aimd
    case .fixed: options.controller = .fixed(bitsPerSecond: rate?.bitsPerSecond ?? 0)
    }
    options.rateLimitBitsPerSecond = rate?.bitsPerSecond
    options.impairments = mode.isGroup ? try impair.impairments() : try impairments(index)
    options.trace = tracing.options(label: destinations.count > 1 ? "\(host)-\(port)" : nil)
    return options
  }
}
