import Accounting
import ArgumentParser
import Figures
import FileSet
import Ground
import Capture
import Trace

struct AccountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Counts bytes and packets on every layer, before a run, and checks a capture of one.",
    discussion: """
      Without --capture: image bytes, bytes with headers, and packets, for naive and chunked, over UDP unicast, \
      broadcast, multicast and TCP. With it: the prediction for the captured run, held against it line by line; exit \
      code 4 when they do not agree. With --report: the accounts of a run add up, or exit code 8.

      Examples:
        gallery account images/small --receivers 3
        gallery account images/small --receivers 3 --mtu 9000 --json
        tcpdump -i eth1 -w run.pcap &         # on the sender, around the run
        gallery account images/small --receivers 3 --capture run.pcap
        gallery account --report run.json     # what a run's --json wrote
      """)

  @Argument(help: "Folder (or file) that is sent.")
  var folder: String?
  @Option(help: "Receivers, 1 or more.")
  var receivers = 3
  @Option(help: "The link's MTU: bytes of its largest IP packet.")
  var mtu = 1_500
  @Option(
    help: ArgumentHelp(
      "Hold the prediction against a capture from the sender's wire (pcap or pcapng).", valueName: "run.pcap")
  )
  var capture: String?
  @Option(
    help: ArgumentHelp(
      "Instead of a folder: add up the accounts in a run's --json report once more.", valueName: "run.json"))
  var report: String?
  @Option(
    name: .customLong("protocol"),
    help: "Of the captured run: chunked or naive; without it, what the capture shows.")
  var protocolName: TransferProtocol?
  @Option(
    help: "Of the captured run: unicast, broadcast, multicast or tcp; without it, what the capture shows.")
  var mode: TransferMode?
  @Option(help: "The receivers' port in the capture.")
  var port = 25_000
  @Flag(help: "TCP without time stamps (net.ipv4.tcp_timestamps=0).")
  var noTimestamps = false
  @Flag(help: "Any file, not only JPEGs, as in send.")
  var all = false
  @Flag(help: "Sub-folders too, as in send.")
  var recursive = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (folder == nil) != (report == nil) else {
      throw ValidationError("name either the folder that is sent, or a --report")
    }
    guard capture == nil || report == nil else {
      throw ValidationError("--capture is held against a folder's prediction: leave out --report")
    }
    guard (1...1_000_000).contains(receivers) else {
      throw ValidationError("--receivers must be 1 to 1000000")
    }
    guard HeaderSizes.mtuRange.contains(mtu) else {
      throw ValidationError(
        "--mtu must be \(HeaderSizes.mtuRange.lowerBound) to \(HeaderSizes.mtuRange.upperBound) bytes")
    }
    guard (1...65_535).contains(port) else { throw ValidationError("--port must be 1 to 65535") }
  }

  func run() throws {
    do {
      if let report { return try addUp(ReportedAccounts.read(path: report)) }
      guard let folder else { return }  // validate() has seen that there is one
      let scanned = try FileScanner.scan(
        folder, options: ScanOptions(allFiles: all, recursive: recursive, verb: "counts"))
      scanned.notices.forEach(Console(isQuiet: output.quiet).say)
      // A sparse file takes no room and may have any size: no product of it may overflow.
      guard scanned.manifest.fileByteCount <= (1 << 60) / UInt64(receivers) else {
        throw ValidationError(
          "these files, once for each receiver, are more than 2^60 bytes: too many to count")
      }
      let predictor = Predictor(
        set: AccountedSet(scanned), receiverCount: receivers,
        sizes: HeaderSizes(mtuByteCount: mtu, usesTCPTimestamps: !noTimestamps))
      guard let capture else { return predict(predictor) }
      try reconcile(predictor, path: capture)
    } catch let error as ExitCode { throw error } catch let error as ValidationError { throw error } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }

  private func addUp(_ accounts: [Account]) throws {
    if output.json {
      output.printJSON(accounts)
    } else if !output.quiet {
      // The names are the file's, which anybody may have written.
      for line in accounts.flatMap({ $0.text.split(separator: "\n") }) { print(String(line).printable) }
    }
    let status = ExitStatus.whole.balancing(accounts)
    guard status == .whole else { throw status.exitCode }
  }

  private func reconcile(_ predictor: Predictor, path: String) throws {
    let file = try CaptureFile(path: path)
    let tally = try CaptureTally(file: file, port: port, mtuByteCount: mtu)
    var run = try captured(tally, path: path)
    if let protocolName { run.protocolName = protocolName }
    if let mode { run.mode = mode }
    let prediction = predictor.predict(run.protocolName, run.mode)
    if let reason = prediction.refusal { throw CaptureError.notPossible(run: run.text, reason: reason) }
    let result = Reconciliation(prediction, tally, hasEthernet: file.linkType == .ethernet)
    if output.json {
      output.printJSON(result)
    } else {
      print(result.text(width: TableWidth.columns))
      print(result.verdictText)
    }
    if file.isCutShort { Console.fail("\(path) ends inside a packet: what follows is missing") }
    result.hints.forEach { Console.fail($0) }
    guard result.agrees else { throw ExitStatus.verification.exitCode }
  }

  /// What the capture shows; what the command line says when that is all there is.
  private func captured(_ tally: CaptureTally, path: String) throws -> CapturedRun {
    if let protocolName, let mode { return CapturedRun(protocolName: protocolName, mode: mode) }
    return try Reconciliation.run(in: tally, path: path, port: port)
  }

  private func predict(_ predictor: Predictor) {
    let predictions = predictor.predictAll().filter { prediction in
      (protocolName == nil || prediction.protocolName == protocolName)
        && (mode == nil || prediction.mode == mode)
    }
    if output.json { return output.printJSON(predictions) }
    let set = predictor.set
    print(
      "\(HumanText.grouped(set.imageByteCounts.count, "image")) of \(HumanText.grouped(set.imageByteCount, "byte")) to \(HumanText.grouped(receivers, "receiver")), MTU \(mtu)\n"
    )
    print(AccountTable.text(predictions, width: TableWidth.columns))
    AccountTable.refusals(predictions).forEach { print("not possible: \($0)") }
    if predictions.contains(where: { $0.mode == .tcp }) {
      print("\nTCP's own segments, apart:\n")
      print(AccountTable.connectionText(predictions, width: TableWidth.columns))
    }
    print("\nFormulas (n images of B bytes, each of L; one copy is one receiver's, or a group's):")
    AccountTable.formulas(predictions).forEach { print("  \($0)") }
    print("\nNot in the tables:")
    AccountTable.apart.forEach { print("  \($0)") }
  }
}
