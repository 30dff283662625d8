import ArgumentParser
import Figures
import FileSet
import Ground
import Keys
import NIOCore
import NIOPosix
import Transport
import Viewer

struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    _superCommandName: Gallery.name,  // see NamedCommand
    abstract: "Sends the images of a folder, or several folders and files.",
    discussion: """
      Without --to the receivers of this link are looked for: those that run gallery receive or gallery show. With \
      one receiver the set goes by unicast, with several by multicast, and by TCP where UDP does not pass.

      Examples:
        gallery send images/large
        gallery send images/large --receivers 3
        gallery send images/large --room attic --wait 20s
        gallery send images/large --to 10.1.1.34
        gallery send images/large --to 10.1.1.34 --to 10.1.1.35 --mode tcp
        gallery send images/large --mode multicast --to 224.1.1.5 --receivers 3
        gallery send images/large --mode multicast --to 224.1.1.5 --receivers 3 --straggler drop
        gallery send images/small --protocol naive --to 192.168.56.12
        gallery send images/small --mode multicast --to 224.1.1.5 --one-way
        gallery send photos --mode multicast --to 224.1.1.5 --code    # encrypted; prints six words
        gallery send photos --all --recursive --to host.example --drop 5%
        gallery send *.jpg album --to 10.1.1.34
        gallery send images/large --mode multicast --to 224.1.1.5 --receivers 3 --window    # a row for each receiver
        gallery send images/small --to 10.1.1.34 --impair 'in: drop the first NACK'
        gallery send images/small --to 10.1.1.34,10.1.1.35 --impair 'r2 out: wifi'
      """)

  @Argument(help: ArgumentHelp("Folders and files to send, as one set.", valueName: "folder"))
  var paths: [String]
  @Option(
    help: ArgumentHelp(
      """
      Receiver, broadcast address or group; repeat, or separate by commas, for several. A name that no \
      resolver knows is looked for on this link. Without it the receivers of this link are looked for.
      """,
      valueName: "host[:port]"))
  var to: [String] = []
  @Option(help: "With --to: unicast (UDP), broadcast, multicast or tcp; without it unicast.")
  var mode: TransferMode?
  @Option(help: "Without --to: look for the receivers that were started with the same --room.")
  var room: String?
  @Option(name: .customLong("protocol"), help: "chunked, or naive as a first networking course writes it.")
  var protocolName: TransferProtocol = .chunked
  @Option(help: "With --to: UDP or TCP port; without it 25000.")
  var port: Int?
  @Option(help: "Interface to send from, by name or address; without it the route decides.")
  var interface: String?
  @Option(help: "Multicast only: links a datagram may cross; 1 without it.")
  var ttl: Int?
  @Option(
    help:
      """
      Chunked, groups and without --to: start when this number of receivers are there. Enter starts with \
      those that are here.
      """
  )
  var receivers: Int?
  @Option(
    help: ArgumentHelp(
      """
      How long to wait for receivers; without it 10s, in a group and without --to 5s (60s with \
      --receivers; on a terminal until Enter). Naive, over UDP: how long to wait before the end marker; \
      without it 3s.
      """,
      valueName: "time"),
    transform: TimeText.read)
  var wait: TimeText?
  @Option(
    help:
      """
      Chunked over UDP only: bytes of an IP packet; without it the largest that the path carries (a \
      group: the interface's MTU).
      """
  )
  var mtu: Int?
  @Option(
    help: ArgumentHelp(
      """
      Chunked over UDP only: limit the sending rate, as in 100Mbit, in bits per second of UDP payload; \
      without it there is no limit.
      """,
      valueName: "rate"),
    transform: RateText.read)
  var rate: RateText?
  @Option(
    help:
      "Chunked over UDP only: the rate control, which is model, aimd, or fixed at --rate; without it model.")
  var controller: ControllerName?
  @Option(
    help: ArgumentHelp(
      """
      Chunked over UDP only: off for repair by sending chunks again and not by parity, or how much parity follows the \
      chunks before anybody asks, as in 5%, in unicast too; without it auto, which is as much as the losses need, in \
      groups and with --one-way.
      """,
      valueName: "auto|off|percent"),
    transform: ParityText.read)
  var parity: ParityText?
  @OptionGroup var stragglers: StragglerOptions
  @OptionGroup var oneWay: OneWayOptions
  @Flag(help: "Send any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @Flag(help: "Send sub-folders too.")
  var recursive = false
  @Option(
    help: ArgumentHelp("Naive only: pause between two images, as in 5ms.", valueName: "time"),
    transform: TimeText.read)
  var pause: TimeText?
  @OptionGroup var keys: KeyOptions
  @Option(
    help: ArgumentHelp(
      """
      Chunked over UDP only: sign the set with this key, which `gallery key new --sign` has made, so that receivers \
      with --trust take nothing from anybody else. All files are read before the first is sent.
      """,
      valueName: "file"))
  var sign: String?
  @OptionGroup var impair: ImpairOptions
  @OptionGroup var tracing: TraceArguments
  @OptionGroup var watching: SendingWindowOptions
  @Flag(help: "Print what became of every datagram or byte.")
  var account = false
  @OptionGroup var output: TransferOutput
  private var planned = Planned<SendPlan>()

  enum ControllerName: String, WordArgument { case model, aimd, fixed }

  mutating func validate() throws { planned.plan = try SendPlan(self) }

  func run() throws {
    SignalTrap.set()
    do {
      let plan = try planned.plan ?? SendPlan(self)
      let console = Console(isQuiet: output.quiet)
      let key = try sign.map { try SigningKey(path: $0) }
      var set = try FileScanner.scan(paths, options: ScanOptions(allFiles: all, recursive: recursive))
      set.notices.forEach(console.say)
      if let key {
        console.say("signing as the key with the fingerprint \(key.publicKey.fingerprint)")
        set = try set.withSegmentDigests()
      }
      try watch(set, by: plan.unlocked(try keys.sendersSecret()).signed(by: key), console)
    } catch let error as ExitCode { throw error } catch let error as ValidationError { throw error } catch {
      Console.fail(error)
      let status = ExitStatus(error)
      output.end(error, status)
      throw status.exitCode
    }
  }

  /// Sends, with a window or a picture where these are wanted.
  private func watch(_ set: ScannedSet, by plan: SendPlan, _ console: Console) throws {
    guard watching.isWanted else { return try send(set, by: plan, console, nil) }
    let window = SendingWindow(title: summary(of: set.manifest), canWait: plan.waitsForReceivers)
    let command = SendableCommand(command: self)
    var failure: (any Error)?
    do {
      if watching.window {
        try window.run(ViewerOptions(hostName: hostName)) {
          try command.command.send(set, by: plan.watched(by: window), console, window)
        }
      } else {
        try send(set, by: plan.watched(by: window), console, window)
        window.end(.whole)
      }
    } catch {
      failure = error
      window.end(.partial)
    }
    if let path = watching.screenshot {
      try Screenshot.write(feed: window.feed, to: path)
      console.say("wrote \(path)")
    }
    if let failure { throw failure }
  }

  /// The command line goes to the thread that sends, and is not changed any more.
  private struct SendableCommand: @unchecked Sendable { let command: SendCommand }

  /// Returns when every receiver has every file; throws an exit code, or the error of a session that never
  /// began.
  private func send(
    _ set: ScannedSet, by plan: SendPlan, _ console: Console, _ window: SendingWindow?
  ) throws {
    let ending = SendEnding(
      output: output, isAccountShown: account, leftOut: set.shortfall, console: console, window: window)
    switch plan {
    case .naive(let configuration):
      try ending.run(NaiveSending(set, configuration))
    case .stream(let destinations, let options):
      console.say(summary(of: set.manifest))
      let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(destinations.count, 4)))
      defer { try? group.syncShutdownGracefully() }
      try ending.run(StreamSender(set, to: destinations, options: options, group: group))
    case .search(var search):
      console.say(summary(of: set.manifest))
      if search.search.names.isEmpty, let start = Self.start(window) {
        search.search.takeStart = start
        search.search.seconds = wait?.seconds
      }
      try FoundSending(options: search, set: set, ending: ending).run()
    case .chunked(let sessions) where UnknownNames.all(sessions) && mode == nil:
      console.say(summary(of: set.manifest))
      var search = try SendPlan.search(self, names: sessions.map(\.host))
      (search.session.secret, search.session.signing) = (sessions[0].secret, sessions[0].signing)
      search.session.onSample = window?.take
      do { try FoundSending(options: search, set: set, ending: ending).run() } catch TransportError
        .nobodyFound
      {
        throw TransportError.hostUnknown(
          host: sessions[0].host, reason: "no resolver knows it, and no receiver on this link has this name")
      }
    case .chunked(var sessions):
      console.say(summary(of: set.manifest))
      sessions.first.flatMap { OneWayText.beginning($0, fileByteCount: set.manifest.fileByteCount) }
        .map(console.say)
      for index in sessions.indices { sessions[index].takeStart = Self.start(window) }
      if sessions.count == 1 { return try ending.run(UDPSender(set, sessions[0])) }
      try ChunkedSending(sessions: sessions, set: set, ending: ending).run()
    }
  }

  /// Whether the user wants to start: Enter in the terminal, or in the window. Nil where there is neither.
  private static func start(_ window: SendingWindow?) -> (@Sendable () -> Bool)? {
    let key = EnterKey()
    guard key != nil || window != nil else { return nil }
    return { key?.wasPressed() ?? false || window?.takeStart() ?? false }
  }

  private func summary(of manifest: Manifest) -> String {
    let count = HumanText.count(manifest.entries.count, "file", "files")
    return "\(count), \(HumanText.bytes(manifest.fileByteCount)), from \(HumanText.paths(paths))"
  }
}
