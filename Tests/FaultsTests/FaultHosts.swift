import FileSet
import Glibc
import Ground
import MemoryDisk
import NIOCore
import Session
import Transport
import Wire

/// A host of a run: one process at a time, and a disk.
class Host {
  let disk: MemoryDisk
  let address: SocketAddress
  /// In the kernel's form.
  let name: [UInt8]
  var arrivals: [VirtualSocket.Datagram] = []
  var timerAt = Instant.never
  var asleepSince: Instant?
  var asleepUntil = Instant.zero
  var sessionCount = 0

  init(disk: MemoryDisk, address: SocketAddress) {
    self.disk = disk
    self.address = address
    name = VirtualSocket.kernelForm(address)
  }

  func turn(_ datagrams: [VirtualSocket.Datagram], _ run: FaultRun) -> Instant { .never }
  func wasAway(_ nanoseconds: Nanoseconds) {}
  func unmount() { disk.unmount() }

  static func address(_ number: Int) -> SocketAddress {
    guard let address = try? SocketAddress(ipAddress: "10.77.0.\(number + 1)", port: 25_000) else {
      fatalError("no address")
    }
    return address
  }
}

final class SenderHost: Host {
  private let setting: FaultSetting
  let manifest: Manifest
  /// By the index in the manifest.
  let contents: [[UInt8]]
  private(set) var process: VirtualSender?
  var isDone = false
  /// Receivers from which this session has heard that they are whole, while it had no outcome for them.
  private var heardWhole: Set<UInt64> = []

  init(_ setting: FaultSetting, clock: UnsafePointer<Instant>) {
    self.setting = setting
    let disk = MemoryDisk(clock: clock, seed: setting.seed)
    var generator = SplitMix64(seed: setting.seed)
    var entries: [ManifestEntry] = []
    var bytesOfName: [String: [UInt8]] = [:]
    for (name, byteCount) in setting.files {
      let bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      let node = disk.make("set/\(name)", bytes)
      node.modifiedAt = timespec(tv_sec: 1_600_000_000, tv_nsec: Int(generator.next() % 1_000_000_000))
      bytesOfName[name] = bytes
      entries.append(
        ManifestEntry(
          byteCount: UInt64(byteCount),
          modificationTimeNanoseconds: Int64(node.modifiedAt.tv_sec) * 1_000_000_000
            + Int64(node.modifiedAt.tv_nsec),
          mode: 0o644, name: name))
    }
    guard let manifest = try? Manifest(entries: entries) else { fatalError("the plan's files are no set") }
    self.manifest = manifest
    contents = manifest.entries.map { bytesOfName[$0.name] ?? [] }
    super.init(disk: disk, address: Self.address(0))
  }

  func start(_ run: FaultRun, receiverCount: Int) {
    sessionCount += 1
    heardWhole = []
    disk.restart()
    let set = ScannedSet(manifest, in: "set", from: disk.openRoot())
    guard let source = try? SetSource(set, chunkByteCount: setting.chunkByteCount),
      let socket = try? VirtualSocket(
        clock: run.clock, send: { [unowned run] bytes, _ in run.sendFromSender(bytes) })
    else { return run.violate("the sender does not start") }
    process = try? VirtualSender(
      VirtualSender.Plan(
        sessionID: SplitMix64.combine(setting.seed, UInt64(sessionCount)) | 1, isGroup: setting.isGroup,
        receiverCount: receiverCount,
        parity: setting.parity.flatMap { ParityChoice.Blocks(chunkCount: $0.chunkCount, stride: $0.stride) },
        rateBitsPerSecond: setting.rateBitsPerSecond, joinNanoseconds: .seconds(3)),
      source: source, socket: socket, destination: setting.isGroup ? Self.address(99) : Self.address(1)
    ) { [unowned self, unowned run] in note($0, run) }
  }

  func kill() {
    process = nil
    arrivals = []
  }

  func end(_ run: FaultRun) {
    let imbalances = process?.imbalances ?? []
    if !imbalances.isEmpty { run.violate("the sender's account: \(imbalances)") }
    kill()
  }

  private func note(_ event: SenderEvent, _ run: FaultRun) {
    guard case .peerEnded(let id, let outcome) = event else { return }
    let receiver = run.receivers.first { $0.wholeIDs.contains(id) }
    if outcome.isWhole, receiver == nil { run.violate("the sender says whole of \(id), which is not") }
    if !outcome.isWhole, heardWhole.contains(id) {
      run.violate("\(id) said that it is whole, and is called \(outcome)")
    }
  }

  override func turn(_ datagrams: [VirtualSocket.Datagram], _ run: FaultRun) -> Instant {
    guard let process else { return .never }
    for datagram in datagrams {
      guard let (header, message) = try? ControlMessage.decode(datagram.bytes.span),
        header.sessionID == SplitMix64.combine(setting.seed, UInt64(sessionCount)) | 1,
        case .complete(let complete) = message, complete.status == .whole,
        process.outcome(of: complete.receiverID) == .underWay
      else { continue }
      heardWhole.insert(complete.receiverID)
    }
    return process.turn(datagrams)
  }
}

final class ReceiverHost: Host {
  let index: Int
  private let setting: FaultSetting
  private(set) var process: VirtualReceiver?
  private var receiverID: UInt64 = 0
  private(set) var isDone = false
  /// Its ids in sessions in which it was whole and had said so.
  private(set) var wholeIDs: Set<UInt64> = []
  private(set) var lastProblem = ""
  var jobAt = Instant.never
  private var rootDescriptor: Int32 = -1

  init(_ index: Int, _ setting: FaultSetting, clock: UnsafePointer<Instant>) {
    self.index = index
    self.setting = setting
    super.init(
      disk: MemoryDisk(clock: clock, seed: SplitMix64.combine(setting.seed, 100 + UInt64(index))),
      address: Self.address(index + 1))
  }

  var isDead: Bool { disk.dead != nil }

  func start(_ run: FaultRun) {
    sessionCount += 1
    receiverID = SplitMix64.combine(setting.seed, UInt64(1_000 * (index + 1) + sessionCount)) | 1
    let id = receiverID
    rootDescriptor = disk.openRoot()
    guard
      let socket = try? VirtualSocket(
        clock: run.clock,
        send: { [unowned self, unowned run] bytes, address in
          if !isDead { run.sendFromReceiver(index, bytes, to: address) }
        })
    else { return run.violate("receiver \(index) does not start") }
    process = VirtualReceiver(
      ReceiverMachine.Configuration(receiverID: id, hostName: "r\(index)", usesParity: true, seed: id),
      socket: socket,
      inbox: InboxOptions(path: "inbox", recordsPath: setting.hasRecords ? "cache/gallery" : nil),
      from: rootDescriptor
    ) { [unowned self, unowned run] in note($0, run) }
  }

  /// Its process was killed, or the power was cut.
  func die() {
    disk.kill(.kill)
    process = nil  // its last calls have no effect
    arrivals = []
    disk.restart()
    (jobAt, timerAt) = (.never, .never)
  }

  override func wasAway(_ nanoseconds: Nanoseconds) { process?.wasAway(nanoseconds) }

  override func turn(_ datagrams: [VirtualSocket.Datagram], _ run: FaultRun) -> Instant {
    guard let process else { return .never }
    let wakeAt = process.turn(datagrams)
    if !isDead, !wholeIDs.contains(receiverID), process.saysWhole {
      wholeIDs.insert(receiverID)
      expectWhole(run, "when it says so")
    }
    return wakeAt
  }

  /// The process ends by itself.
  func end(_ run: FaultRun) {
    guard let process else { return }
    let outcome = process.close()
    guard !isDead else { return }
    if !process.imbalances.isEmpty { run.violate("receiver \(index)'s account: \(process.imbalances)") }
    let isWhole = process.saysWhole
    lastProblem =
      isWhole
      ? "" : "\(process.phase) \(process.failure.map { "\($0)" } ?? "") \(outcome?.failures ?? [])"
    if isWhole, outcome?.verifiedFileCount != setting.files.count || outcome?.isWhole != true {
      run.violate("receiver \(index) says whole, and its outcome is \(outcome.map { "\($0)" } ?? "none")")
    }
    self.process = nil
    arrivals = []
    disk.runAllJobs()
    // No session waits for the disk before it says that it is whole (Specs/resume.md §8). So a power cut in
    // its last job can take files that were reported. The next session must bring them back.
    isDone = isWhole && disk.dead != .powerCut
    guard !isDead else { return }
    if disk.open.keys.contains(where: { $0 != rootDescriptor }) {
      run.violate("receiver \(index) leaves \(disk.open.count) descriptors open")
    }
    disk.restart()
  }

  private func note(_ event: UDPReceiveEvent, _ run: FaultRun) {
    guard case .file(.fileVerified(let file, let path)) = event, !isDead else { return }
    if disk.bytes(path) != run.sender.contents[file] {
      run.violate("receiver \(index) verified \(path), which is wrong")
    }
  }

  // MARK: What must hold

  func expectWhole(_ run: FaultRun, _ when: String) {
    for (file, entry) in run.sender.manifest.entries.enumerated()
    where disk.bytes("inbox/\(entry.name)") != run.sender.contents[file] {
      run.violate("receiver \(index) has \(entry.name) wrong or not at all, \(when)")
    }
  }

  /// No folder of a session, and no file that nobody sent.
  func expectNothingElse(_ run: FaultRun) {
    // A folder that an error keeps from being removed is removed by the next session.
    guard !disk.failures.values.contains(.ioError) else { return }
    let names = Set(disk.node("inbox")?.names.keys.map { $0 } ?? [])
    let sent = Set(run.sender.manifest.entries.map { String($0.name.split(separator: "/")[0]) })
    if names != sent { run.violate("receiver \(index) has \(names.sorted()), and \(sent.sorted()) was sent") }
  }
}

extension VirtualReceiver {
  /// It says that all files are verified.
  fileprivate var saysWhole: Bool {
    switch phase {
    case .completing: outcome?.isWhole ?? false
    case .ended(.completed(let complete, _)): complete.status == .whole
    case .listening, .receiving, .verifying, .ended: false
    }
  }
}
