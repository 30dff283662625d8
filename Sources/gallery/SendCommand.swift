import ArgumentParser
import Figures
import FileSet
import Foundation
import Ground
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
  var protocolName: TransferProtocol = .chunked
  @Option(help: "UDP or TCP port.")
  var port = 25_000
  @Option(help: "Interface to send from, by name or address; without it the route decides.")
  var interface: String?
  @Option(help: "Multicast only: links a datagram may cross; 1 without it.")
  var ttl: Int?
  @Option(help: "Groups only: start when this number of receivers have joined.")
  var receivers: Int?
  @Option(
    help: ArgumentHelp(
      "How long to wait for receivers; without it 10s, in a group 5s (60s with --receivers). Naive: how long to wait before the end marker; without it 3s.",
      valueName: "time"))
  var wait: TimeText?
  @Option(
    help:
      "Bytes of an IP packet; without it the largest that the path carries (a group: the interface's MTU).")
  var mtu: Int?
  @Option(
    help: ArgumentHelp(
      "Limit the sending rate, as in 100Mbit, in bits per second of UDP payload; without it there is no limit.",
      valueName: "rate"))
  var rate: RateText?
  @Option(help: "Rate control: model, aimd, or fixed at --rate; without it model.")
  var controller: ControllerName?
  @Flag(help: "Send any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @Flag(help: "Send sub-folders too.")
  var recursive = false
  @Option(help: ArgumentHelp("Naive only: pause between two images, as in 5ms.", valueName: "time"))
  var pause: TimeText?
  @OptionGroup var impair: ImpairOptions
  @OptionGroup var tracing: TraceArguments
  @Flag(help: "Print what became of every datagram or byte.")
  var account = false
  @OptionGroup var output: OutputOptions

  enum ControllerName: String, ExpressibleByArgument, CaseIterable { case model, aimd, fixed }

  func validate() throws {
    guard !to.joined().isEmpty else {
      throw ValidationError("where to? Name a receiver, as in --to 10.1.1.34")
    }
    guard (1...65_535).contains(port) else { throw ValidationError("--port must be 1 to 65535") }
    guard (0...255).contains(ttl ?? 1) else { throw ValidationError("--ttl must be 0 to 255") }
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
    try refuseIdleOptions()
  }

  /// Options that would do nothing here: a person who gave one expects something of it.
  private func refuseIdleOptions() throws {
    let isNaive = protocolName == .naive
    let isGroup = mode.udp?.isGroup ?? false
    let idle: [(name: String, isGiven: Bool, isOfUse: Bool, use: String)] = [
      ("--rate", rate != nil, !isNaive, "the chunked protocol"),
      ("--mtu", mtu != nil, !isNaive, "the chunked protocol"),
      ("--controller", controller != nil, !isNaive && mode != .tcp, "the chunked protocol over UDP"),
      ("--receivers", receivers != nil, !isNaive && isGroup, "the chunked protocol to a group"),
      ("--ttl", ttl != nil, mode == .multicast, "--mode multicast"),
      ("--pause", pause != nil, isNaive, "--protocol naive"),
    ]
    for option in idle where option.isGiven && !option.isOfUse {
      throw ValidationError("\(option.name) is for \(option.use): it would do nothing here")
    }
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
      Console.fail(error)
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
    options.hopCount = ttl ?? 1
    options.mtuByteCount = mtu
    options.receiverCount = mode.isGroup ? receivers : nil
    options.joinSeconds = wait?.seconds
    switch controller ?? .model {
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
