import ArgumentParser
import Ground
import Doctor

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks whether a mode will work on this host, and prints the command that fixes each problem.",
    discussion: """
      ✓ works · ! may work, worse or not for everybody · ✗ will not work. Changes nothing, sends nothing. Exit code 0 \
      when nothing is broken, else 6. With sudo it can read the firewall too.

      Examples:
        gallery doctor             # will a receiver on this host hear a sender?
        gallery doctor --to 10.1.1.34
        gallery doctor --mode multicast --group 224.1.1.5 --interface eth1
        gallery doctor --mode broadcast --to 192.168.56.255 --protocol naive
      """)

  @Option(help: "unicast (UDP), broadcast, multicast or tcp.")
  var mode: TransferMode = .unicast
  @Option(help: "The group, for multicast.")
  var group: String?
  @Option(
    help: ArgumentHelp(
      "Receiver or broadcast address; without it, this host is the receiver.", valueName: "host"))
  var to: String?
  @Option(help: "Interface, by name or address; without it the route decides.")
  var interface: String?
  @Option(help: "UDP or TCP port.")
  var port = 25_000
  @Option(name: .customLong("protocol"), help: "chunked or naive.")
  var protocolName: TransferProtocol = .chunked
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...65_535).contains(port) else { throw ValidationError("--port must be 1 to 65535") }
    if mode == .multicast, group ?? to == nil {
      throw ValidationError("which group? As in --group 224.1.1.5")
    }
    if let host = to {
      try HostText.checkNumbers(HostText.split(host, defaultPort: port)?.host ?? host, option: "--to")
    }
    if let group {
      try HostText.checkNumbers(group, option: "--group")
      try HostText.checkGroup(group)
    }
    if mode != .multicast, group != nil { throw ValidationError("--group is for --mode multicast") }
  }

  func run() throws {
    var host = group ?? to
    if let name = host { host = HostText.split(name, defaultPort: port)?.host ?? name }
    let request = DoctorRequest(
      mode: mode, host: host, interface: interface, port: port,
      protocolName: protocolName)
    let findings = Doctor(request).examine()
    let brokenCount = findings.count { $0.status == .broken }
    if output.json {
      output.printJSON(findings)
    } else {
      findings.filter { !output.quiet || $0.status == .broken }.forEach { print($0.lines) }
      let doubtful = findings.count { $0.status == .doubtful }
      if output.quiet { throw brokenCount == 0 ? ExitCode.success : ExitStatus.network.exitCode }
      print(
        brokenCount == 0
          ? "nothing is broken" + (doubtful > 0 ? ", \(doubtful) doubtful" : "") : "\(brokenCount) broken")
    }
    if brokenCount > 0 { throw ExitStatus.network.exitCode }
  }
}
