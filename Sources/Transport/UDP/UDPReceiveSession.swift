import Accounting
import Datagrams
import FileSet
import Ground
import Impairment
import Keys
import NIOCore
import Network
import Session
import Trace
import Wire

/// One session of a receiver: its handler, its progress, its report. Lives on its loop's thread.
final class UDPReceiveSession {
  private let options: ReceiverOptions
  private let loop: DatagramLoop
  let tell: @Sendable (TransferEvent) -> Void
  private var clock: SessionClock { loop.clock }
  private let receiverID: UInt64
  /// The group from which this receiver has come to be served by unicast; nil in all other sessions.
  private let origin: UnicastCall?
  private var handler: UDPReceiveHandler?
  private var meter = RateMeter()
  private var manifest: Manifest?
  private var sender = ""
  private var beganAt: Instant?
  private var waitedInVain = false

  init(
    options: ReceiverOptions, loop: DatagramLoop, origin: UnicastCall? = nil,
    tell: @escaping @Sendable (TransferEvent) -> Void
  ) {
    // The sender knows it by the id that it had in the group.
    receiverID = origin?.request.receiverID ?? UInt64.random(in: 1...UInt64.max)
    self.origin = origin
    self.options = options
    self.loop = loop
    self.tell = tell
  }

  /// Runs the session to its end.
  func run() throws(TransportError) -> UDPReceiveReport {
    let handler = try begin()
    loop.run(handler) { handler.cancel(reason: .endedByUser, text: "ended by the receiver's user") }
    return try result(handler)
  }

  private func begin() throws(TransportError) -> UDPReceiveHandler {
    let impairments = options.impairments
    let handler = UDPReceiveHandler(
      configuration: ReceiverMachine.Configuration(
        receiverID: receiverID, hostName: options.hostName,
        receiveBufferByteCount: loop.socket.receiveBufferByteCount,
        idleNanoseconds: Nanoseconds(max(0.1, options.idleSeconds) * 1e9),
        usesParity: true, countsMarks: loop.socket.tellsMarks, refusedSessions: options.endedSessions.all,
        seed: receiverID),
      loop: loop,
      incoming: ImpairedPath(
        impairments.incoming, seed: impairments.seed, direction: .towardsReceiver,
        receiver: impairments.receiver),
      outgoing: ImpairedPath(
        impairments.outgoing, seed: impairments.seed, direction: .towardsSender,
        receiver: impairments.receiver),
      seal: options.secret.map(ReceiverSeal.init),
      makeStore: { [options] announce throws(FileSetError) in try Self.open(options.inbox, announce) }
    ) { [weak self] in self?.handle($0) }
    self.handler = handler
    handler.origin = origin
    handler.signatures = SignatureGate(trust: options.trust)
    handler.invitations = options.calling?.answers(receiverID: receiverID, hostName: options.hostName)
    handler.tracing = try UDPTracing(
      options.trace, role: .receiver, name: options.hostName, local: loop.socket.localAddress, now: clock.now)
    loop.scheduleRepeatedly(each: .milliseconds(100)) { [weak self] in self?.tellProgress() }
    if options.onSample != nil {
      loop.scheduleRepeatedly(each: .milliseconds(16)) { [weak self] in self?.answerWish() }
    }
    if let seconds = options.waitSeconds {
      loop.schedule(after: Nanoseconds(seconds * 1e9)) { [weak self] in self?.giveUpWaiting() }
    }
    if origin != nil {
      handler.ask()
      return handler
    }
    tell(
      .notice(
        options.calling?.text(options) ?? "listening on \(loop.socket.localAddress?.listeningText ?? "?")"))
    let local = loop.socket.localAddress
    tell(.listening(address: local?.ipAddress ?? "", port: local?.port ?? options.port))
    return handler
  }

  /// The session's sender was started anew with the same set, and this receiver is to listen to it.
  var isSuperseded: Bool { handler?.isSuperseded ?? false }

  /// The group's chunks do not get through; nil while they do.
  var call: UnicastCall? { handler?.call }
  /// Why the group's sender does not serve this receiver by unicast, in its own words.
  var refusal: String? { handler?.refusal }
  var hasBegun: Bool { beganAt != nil }

  private func giveUpWaiting() {
    guard beganAt == nil, loop.isOpen else { return }
    waitedInVain = true
    handler?.cancel(reason: .timeout, text: "no sender came")
  }

  private static func open(
    _ inbox: InboxOptions, _ announce: Announce
  ) throws(FileSetError) -> ReceivedSet {
    let store = try PartStore(
      inboxPath: inbox.path, key: PartKey(shape: announce.shape, identity: announce.setIdentity),
      resumes: inbox.resumes, overwrite: inbox.overwrite, recordsPath: inbox.recordsPath,
      verifies: inbox.verifies)
    return try ReceivedSet(
      shape: announce.shape, identity: announce.setIdentity, store: store,
      manifestDigest: announce.signature?.manifestDigest)
  }

  private func handle(_ event: UDPReceiveEvent) {
    switch event {
    case .began(let announce, let sessionID, let address):
      beganAt = clock.now
      options.endedSessions.note(sessionID)
      // Groups on loopback have no source address.
      sender = address.ipAddress == "0.0.0.0" ? "this host:\(address.port ?? 0)" : address.text
      handler?.tracing?.started(traced(announce, sessionID), now: clock.now)
      handler?.noteResumed()
      if options.onSample != nil {
        handler?.notes = ReceptionNotes(chunkCount: announce.shape.chunkCount, began: clock.now)
      }
      handler?.signatures.signer(ofSession: sessionID).map { tellSigner($0) }
      tell(
        .began(
          SessionStart(
            sender: sender, sessionID: sessionID.hexadecimal, fileCount: announce.shape.fileCount,
            fileByteCount: announce.shape.fileByteCount)))
    case .storage(let error, let kibibytes): tellStorage(error, missingKibibytes: kibibytes)
    case .stranger(let text): tell(.notice(text))
    case .refused(let address, let error):
      tell(.notice("refused a set from \(address.text): \(error.description); still listening"))
    case .file(.manifestKnown(let manifest)):
      self.manifest = manifest
      if let layout = handler?.intake?.layout { handler?.tracing?.named(manifest, layout, now: clock.now) }
    case .file(.fileArrived(let file, let path)): arrival(file, path).map { tell(.arrived($0)) }
    case .file(.fileVerified(let file, let path)): arrival(file, path).map { tell(.verified($0)) }
    case .file(.fileFailed(_, let error)): tell(.notice(error.description))
    }
  }

  private func tellSigner(_ key: PublicKey) {
    let unverified = options.trust == nil ? ", not verified: --trust names whom to accept" : ""
    tell(.notice("signed by the key with the fingerprint \(key.fingerprint)\(unverified)"))
  }

  private func arrival(_ file: Int, _ path: String) -> FileArrival? {
    guard let manifest, manifest.entries.indices.contains(file) else { return nil }
    let entry = manifest.entries[file]
    return FileArrival(
      index: file, name: entry.name, path: path, byteCount: entry.byteCount, fileCount: manifest.entries.count
    )
  }

  private func tellProgress() {
    handler?.intake?.save()
    guard let machine = handler?.machine, let shape = machine.shape else { return }
    tellSample(machine)
    let part = Double(machine.chunksHeld) / Double(max(1, shape.chunkCount))
    let total = shape.fileByteCount
    let done = machine.chunksHeld == shape.chunkCount ? total : UInt64(part * Double(total))
    meter.add(done, now: clock.now)
    tell(
      .progress(
        meter.progress(
          done: done, total: total, lossFraction: machine.lossFraction,
          repairCount: machine.counters.repairDatagrams + machine.counters.parity.count,
          fullDiskCount: handler?.intake?.isFull ?? false ? 1 : 0)))
  }

  private func answerWish() {
    if let machine = handler?.machine, options.isSampleWanted() { tellSample(machine) }
  }

  /// What a window shows of the session.
  private func tellSample(_ machine: ReceiverMachine) {
    guard let onSample = options.onSample, let handler, let intake = handler.intake, let manifest,
      let layout = intake.layout, let held = machine.heldChunks
    else { return }
    let notes = handler.notes ?? ReceptionNotes(chunkCount: held.capacity)
    var sample = ReceptionSample(
      manifest: manifest, layout: layout, held: held, notes: notes, now: clock.now,
      partPath: { intake.shownPath(ofFile: $0) })
    sample.traffic = ReceptionTraffic(machine)
    onSample(sample)
  }

  /// Of the session. A receiver that is found by invitation is served in any.
  private var mode: TransferMode {
    options.calling != nil && handler?.machine.isGroup ?? false ? .multicast : options.mode
  }

  // MARK: Trace

  private func traced(_ announce: Announce, _ sessionID: UInt64) -> TracedSession {
    TracedSession(
      sessionID: sessionID, mode: mode.rawValue, local: loop.socket.localAddress?.text ?? "",
      remote: sender,
      fileCount: UInt64(announce.shape.fileCount), fileByteCount: announce.shape.fileByteCount,
      chunkCount: announce.shape.chunkCount, chunkByteCount: UInt64(announce.shape.chunkByteCount),
      seed: options.impairments.seed)
  }

  private func endTrace(_ handler: UDPReceiveHandler) {
    let (outcome, reason) = handler.machine.phase.traceOutcome
    handler.tracing?.end(outcome: outcome, reason: reason, now: clock.now).forEach { tell(.notice($0)) }
    handler.tracing = nil
  }

  // MARK: Result

  private func result(_ handler: UDPReceiveHandler) throws(TransportError) -> UDPReceiveReport {
    endTrace(handler)
    if beganAt != nil { tellProgress() }
    defer { _ = handler.closeFiles() }
    if waitedInVain {
      let arrived = handler.counters.arrived.count
      if arrived > 0, handler.inducedDropCount.incoming == arrived {
        throw .allDropped(count: arrived, isOutgoing: false, isSender: false)
      }
      let (address, seconds) = (loop.socket.localAddress?.listeningText ?? "?", options.waitSeconds ?? 0)
      if handler.needsKey { throw .needsKey(address: address, seconds: seconds) }
      if handler.seal?.hasHeardOtherSecret ?? false {
        throw .otherSecret(address: address, seconds: seconds)
      }
      if handler.signatures.hasRefused { throw .nobodyTrusted(address: address, seconds: seconds) }
      throw .nobodySending(address: address, seconds: seconds)
    }
    if beganAt == nil {
      if let failure = handler.failure { throw .fileSet(failure) }
      throw .cancelled
    }
    let isSigned = handler.signatures.signer(ofSession: handler.begunSessionID) != nil
    let wrong = isSigned ? handler.intake?.wrongSegmentCount : nil
    var report = report(handler)
    report.segmentsWrong = wrong
    return report
  }

  private func report(_ handler: UDPReceiveHandler) -> UDPReceiveReport {
    let machine = handler.machine
    let counters = machine.counters
    let outcome = handler.closeFiles()
    var isConfirmed = false
    let failure = handler.failure ?? handler.shortageAtEnd
    var problem = failure?.description
    var ending: TransferOutcome?
    if let failure {
      ending = failure.isStorageFailure ? .couldNotStore : .protocolViolation
    }
    if case .ended(let end) = machine.phase {
      if case .completed(_, let confirmed) = end { isConfirmed = confirmed }
      problem = problem ?? end.problem(idleSeconds: options.idleSeconds)
      ending = ending ?? end.outcome
    }
    let fileCount = machine.shape?.fileCount ?? 0
    let failures = outcome.failures.map { failure in
      FailedFile(
        name: manifest?.entries[failure.file].name.printable ?? "file \(failure.file)", failure.error)
    }
    let isWhole = problem == nil && fileCount == outcome.verifiedFileCount
    let hasStorageFailure = outcome.failures.contains { $0.error.isStorageFailure }
    return UDPReceiveReport(
      mode: mode.rawValue, sender: sender, sessionID: machine.sessionID.hexadecimal,
      fileCount: fileCount, fileByteCount: machine.shape?.fileByteCount ?? 0,
      filesVerified: outcome.verifiedFileCount, failures: failures,
      seconds: Double(clock.now - (beganAt ?? clock.now)) / 1e9, datagramsReceived: counters.datagrams,
      bytesReceived: counters.byteCount, datagramsMarked: counters.markedDatagrams,
      chunkCount: machine.shape?.chunkCount ?? 0,
      chunksHeld: machine.chunksHeld, chunksResumed: counters.resumedChunks,
      filesHereBefore: outcome.earlierFileCount, hasNothingNew: outcome.hasNothingNew,
      arePartsKept: handler.arePartsKept,
      duplicateChunks: counters.duplicateChunks,
      duplicateDatagrams: counters.duplicateDatagrams, repairDatagrams: counters.repairDatagrams,
      parityDatagrams: counters.parity.count, chunksRebuilt: counters.rebuiltChunks,
      corruptDatagrams: handler.counters.corrupt.count, strayDatagrams: counters.strayDatagrams,
      lateDatagrams: counters.late.count, missing: handler.missingDatagrams,
      nacksSent: counters.nacksSent, nacksSuppressed: counters.nacksSuppressed,
      nacksNecessary: machine.nackVerdicts.necessaryNacks, nacksSpurious: machine.nackVerdicts.spuriousNacks,
      nacksOpen: machine.nackVerdicts.openNacks,
      chunksAskedFor: counters.chunksAskedFor, reportsSent: counters.reportsSent,
      socketDrops: UInt64(handler.counters.socketDrops),
      receiveBufferByteCount: loop.socket.receiveBufferByteCount,
      inducedDropsOutgoing: handler.inducedDropCount.outgoing,
      inducedDropsIncoming: handler.inducedDropCount.incoming,
      refused: RefusedDatagrams(handler.refusals), byUnicast: origin?.request.reason,
      isConfirmed: isConfirmed,
      isWhole: isWhole, problem: problem,
      outcome: ending ?? (isWhole ? .whole : hasStorageFailure ? .couldNotStore : .someFilesFailed),
      accounting: handler.account)
  }
}
