import Checksum
import FileSet
import Glibc
import Ground
import Synchronization

/// Runs cases with a program under test: starts it, Gallery's side, and a relay between them.
package final class CheckStage: Sendable {
  package struct Options: Sendable {
    /// The program under test, for a shell. Words in braces are replaced: `{port}`, `{host}`, `{folder}`.
    package var command: String
    package var seed: UInt64
    /// For how long a program may run in a case.
    package var limitSeconds: Double
    /// This program.
    package var galleryPath: String
    /// A folder of the check's own.
    package var scratch: String

    package init(
      command: String, seed: UInt64, limitSeconds: Double, galleryPath: String, scratch: String
    ) {
      self.command = command
      self.seed = seed
      self.limitSeconds = limitSeconds
      self.galleryPath = galleryPath
      self.scratch = scratch
    }
  }

  let options: Options
  private let runCount = Atomic<Int>(0)
  private let isCancelled = Atomic<Bool>(false)

  package init(_ options: Options) { self.options = options }

  /// Ends the run that is under way, from any thread.
  package func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Runs a case. `allowed`: the datagrams that may be treated; nil: all. `records`: a path without its
  /// ending, for a capture and a trace.
  func run(
    _ one: CheckCase, allowed: Set<DatagramName>? = nil, records: String? = nil
  ) throws(CheckError) -> CheckAttempt {
    let number = runCount.wrappingAdd(1, ordering: .relaxed).newValue
    let folders = try CheckFolders(options.scratch, number, one)
    defer { folders.remove() }
    let identity = try folders.identity(one)
    let script = CheckScript(one.rules, allowed: allowed, seed: options.seed, identity: identity)
    let program: CheckChild
    var traces = CheckTraces(inbox: folders.inbox, limitSeconds: options.limitSeconds)
    switch one.side {
    case .receiver: program = try receive(one, script, identity, folders, records, &traces)
    case .sender: program = try send(one, script, identity, folders, records, &traces)
    }
    traces.arrived = script.arrived
    traces.delivered = script.delivered
    traces.answerByteCount = script.answerByteCount
    traces.lastGapSeconds = script.lastGapSeconds
    let faults = CheckJudge.faults(one, traces)
    return CheckAttempt(faults: faults, touched: script.touched, output: program.output)
  }

  /// The program receives, and `gallery send` sends.
  private func receive(
    _ one: CheckCase, _ script: CheckScript, _ identity: SetIdentity?, _ folders: CheckFolders,
    _ records: String?, _ traces: inout CheckTraces
  ) throws(CheckError) -> CheckChild {
    let port = try LoopbackPort.free(folders.number, one.mode)
    let program = try start(port: port, folder: folders.inbox, folders)
    let deadline = self.deadline
    try wait(until: deadline) { program.hasEnded || LoopbackPort.isBound(port, one.mode) }
    guard !program.hasEnded, LoopbackPort.isBound(port, one.mode) else {
      traces.programStatus = program.status
      program.kill()
      return program
    }
    let relay = try relay(one, to: port, script, identity, records)
    defer { relay.end() }
    var words = [
      options.galleryPath, "send", folders.set, "--all", "--quiet", "--to", "127.0.0.1:\(relay.port)",
    ]
    words += Self.kind(one)
    if one.mode == .tcp {
      if one.protocolName == .chunked { words.append("--recursive") }
    } else if one.protocolName == .naive {
      words += ["--wait", "100ms"]
    } else {
      words += ["--recursive", "--mtu", "\(CheckCase.packetByteCount)"]
      if let records { words += ["--trace", records + ".qlog"] }
    }
    let gallery = try CheckChild(words, environment: folders.environment, outputPath: folders.galleryOutput)
    defer { gallery.kill() }
    try finish(one, program, gallery, deadline, &traces)
    return program
  }

  /// The program sends, and `gallery receive` receives.
  private func send(
    _ one: CheckCase, _ script: CheckScript, _ identity: SetIdentity?, _ folders: CheckFolders,
    _ records: String?, _ traces: inout CheckTraces
  ) throws(CheckError) -> CheckChild {
    var words = [options.galleryPath, "receive", "--quiet", "--port", "0", "--into", folders.inbox]
    words += ["--ready-file", folders.readyFile]
    words += Self.kind(one)
    if let records, one.isTraced {
      words += ["--trace", records + ".qlog"]
    }
    let gallery = try CheckChild(words, environment: folders.environment, outputPath: folders.galleryOutput)
    defer { gallery.kill() }
    let deadline = self.deadline
    try wait(until: deadline) { gallery.hasEnded || folders.readyPort != nil }
    guard let target = folders.readyPort else {
      throw .cannotStart(program: "gallery receive: \(gallery.output)", errno: 0)
    }
    let relay = try relay(one, to: target, script, identity, records)
    defer { relay.end() }
    let program = try start(port: relay.port, folder: folders.set, folders)
    try finish(one, program, gallery, deadline, &traces)
    return program
  }

  /// The options of Gallery's side that say what is spoken.
  private static func kind(_ one: CheckCase) -> [String] {
    ["--protocol", one.protocolName.rawValue, "--mode", one.mode.rawValue]
  }

  private func relay(
    _ one: CheckCase, to port: Int, _ script: CheckScript, _ identity: SetIdentity?, _ records: String?
  ) throws(CheckError) -> any CaseRelay {
    guard one.mode != .tcp else {
      return try StreamRelay(to: port, script, one, identity: identity)
    }
    return try CheckRelay(to: port, script, pcapPath: records.map { $0 + ".pcap" })
  }

  private func start(port: Int, folder: String, _ folders: CheckFolders) throws(CheckError) -> CheckChild {
    let command = options.command.replacing("{port}", with: "\(port)")
      .replacing("{host}", with: "127.0.0.1").replacing("{folder}", with: folder)
    return try CheckChild(["/bin/sh", "-c", command], outputPath: folders.programOutput)
  }

  /// Waits until nothing can change any more. A program whose fault is known is ended.
  private func finish(
    _ one: CheckCase, _ program: CheckChild, _ gallery: CheckChild, _ deadline: ContinuousClock.Instant,
    _ traces: inout CheckTraces
  ) throws(CheckError) {
    // What a sender left is with Gallery's receiver, which ends a little later.
    let needsBoth = one.expectation == .whole || one.side == .sender && one.expectation.isOfFiles
    try wait(until: deadline) {
      let (programEnded, galleryEnded) = (program.hasEnded, gallery.hasEnded)
      if one.expectation == .whole || one.expectation == .refusal, galleryEnded, gallery.status != 0 {
        return true
      }
      return programEnded
        && (galleryEnded || !needsBoth || one.expectation == .whole && program.status != 0)
    }
    traces.programStatus = program.status
    traces.gallerySideStatus = gallery.status
    program.kill()
  }

  private var deadline: ContinuousClock.Instant { .now + .seconds(options.limitSeconds) }

  /// Waits for a condition that another process makes true. Throws when the user ends the check.
  private func wait(
    until deadline: ContinuousClock.Instant, _ isTrue: () -> Bool
  ) throws(CheckError) {
    while !isTrue(), .now < deadline {
      guard !isCancelled.load(ordering: .relaxed) else { throw .cancelled }
      usleep(2_000)
    }
  }
}
