import ArgumentParser
import Figures
import FileSet
import Ground
import Impairment
import NIOCore
import Network
import Relay

struct ImpairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impair",
    abstract: "Stands between two programs that use UDP, and loses, delays or damages what they send.",
    usage: "gallery impair --listen <25001> --to <host:port> [<options>]",
    discussion: """
      The programs need not know of it: the client sends to this relay, and the relay sends to the target. 'out' is the \
      way to the target, 'in' the way back. A client is a host: 'r2 out: 20%' is for the second one that comes. The same \
      seed gives the same datagrams the same fate. Datagrams of programs other than gallery are counted from 0, and a \
      large one is lost with any of its packets of 1,500 bytes. It runs until Ctrl-C.

      Examples:
        gallery impair --listen 25001 --to 10.1.1.34:25000 --drop 5%
        gallery impair --listen 25001 --to 10.1.1.34:25000 --impair 'in: drop:nack#1'
        gallery impair --listen 25001 --to 10.1.1.34:25000 --drop 5% --pcap run.pcap
      """)

  @Option(help: ArgumentHelp("Where clients send to: a port, or an address and a port.", valueName: "25001"))
  var listen: String
  @Option(help: ArgumentHelp("Where their datagrams go.", valueName: "host:port"))
  var to: String
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Drop this part of the datagrams, at random, each way; 'out: 5%' or 'in: 5%' for one.", valueName: "5%")
  )
  var drop: [String] = []
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Loss, bursts, delay, duplicates, corruption, truncation, a list such as 'drop datagram 3', a preset such as wifi; `gallery impairments` lists all.",
      valueName: "text"))
  var impair: [String] = []
  @Option(help: "Seed of everything random.")
  var seed = ImpairOptions.defaultSeed
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("End by itself after this time.", valueName: "60s"), transform: TimeText.read)
  var duration: TimeText?
  @Option(help: ArgumentHelp("Write what was handed on as a capture, for Wireshark.", valueName: "run.pcap"))
  var pcap: String?
  @Option(
    help: ArgumentHelp(
      "Write what became of datagrams: a line for each that was lost, damaged, doubled or overtaken.",
      valueName: "run.csv"))
  var dropTrace: String?
  @Option(help: ArgumentHelp("Write the port to this file once it listens.", valueName: "path"))
  var readyFile: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try Self.place(listen, option: "--listen", isListening: true)
    _ = try Self.place(to, option: "--to", isListening: false)
    _ = try path(client: 0)
    for text in drop + impair {
      if let name = ImpairmentScope.split(text).scope.receiver, ImpairmentScope.number(name) == nil {
        throw ValidationError("'\(text)': clients are r1, r2, … in the order in which they come")
      }
    }
  }

  /// A port alone is one of all addresses of this host.
  private static func place(_ text: String, option: String, isListening: Bool) throws -> (
    host: String, port: Int
  ) {
    if isListening, let port = Int(text) {
      guard (0...65_535).contains(port) else { throw ValidationError("\(option): a port is 0 to 65535") }
      return ("0.0.0.0", port)
    }
    guard let place = HostText.split(text, defaultPort: -1), place.port >= 0 else {
      throw ValidationError(
        "\(option) \(text): name the port too, as in \(isListening ? "25001" : "10.1.1.34:25000")")
    }
    try HostText.checkNumbers(place.host, option: option)
    return place
  }

  /// What happens to the datagrams of one client, counted from 0. Throws for a text that is no impairment.
  private func path(client: Int) throws -> ImpairedRoundTrip {
    var outgoing: [String] = []
    var incoming: [String] = []
    for text in drop + impair {
      let (scope, rest) = ImpairmentScope.split(text)
      guard scope.covers(receiver: client, host: "") else { continue }
      if scope.way != .in { outgoing.append(rest) }
      if scope.way != .out { incoming.append(rest) }
    }
    do {
      return ImpairedRoundTrip(
        forward: try Impairment(parsing: outgoing), backward: try Impairment(parsing: incoming))
    } catch { throw ValidationError("\(error)") }
  }

  func run() throws {
    do {
      let ready = try readyFile.map(ReadyFile.init(path:))
      defer { ready?.removeDraft() }
      let relay = try UDPRelay(try options())
      SignalTrap.install { relay.cancel() }
      let console = Console(isQuiet: output.quiet)
      var failure: ReadyFileError?
      let report = try relay.run { address in
        console.say("\(address.listeningText) → \(to); Ctrl-C ends it")
        do throws(ReadyFileError) { try ready?.write(port: address.port ?? 0) } catch {
          failure = error
          relay.cancel()
        }
      }
      if let failure { throw failure }
      if output.json { output.printJSON(report) } else if !output.quiet { print(RelayText.text(report)) }
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }

  private func options() throws -> RelayOptions {
    let here = try Self.place(listen, option: "--listen", isListening: true)
    let there = try Self.place(to, option: "--to", isListening: false)
    let listen = try HostResolver.addresses(host: here.host, port: here.port)
    let target = try HostResolver.addresses(host: there.host, port: there.port)
    guard let listen = listen.first, let target = target.first else {
      throw NetworkError.hostUnknown(host: there.host, reason: "no IPv4 or IPv6 address")
    }
    // Each text was read once already, and a client's path is the same each time.
    let paths = self
    var options = RelayOptions(listen: listen, target: target, seed: seed) { client in
      (try? paths.path(client: client)) ?? ImpairedRoundTrip(forward: .none, backward: .none)
    }
    options.durationNanoseconds = duration?.nanoseconds
    options.pcapPath = pcap
    options.dropTracePath = dropTrace
    return options
  }
}
