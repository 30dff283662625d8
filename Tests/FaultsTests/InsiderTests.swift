import Checksum
import FileSet
import Foundation
import Ground
import Keys
import NIOCore
import Session
import Simulation
import Testing
import Transport
import Wire

/// Somebody has the group's key, and races the sender. What `send` and `receive` run, in virtual time, with
/// forged chunks that are sealed with the right key and arrive first.
@Suite struct InsiderTests {
  @Test func noForgedByteOfTenThousandIsAcceptedFromAnInsider() throws {
    let run = try InsiderRun(seed: 1, isSigned: true)
    try run.run()
    #expect(run.forgedCount == 10_000)
    #expect(run.wrongFiles.isEmpty && run.wholeFileCount == InsiderRun.fileCount)
    #expect(run.isWhole, "the sender's set arrives all the same")
    #expect(run.wrongSegmentCount == 32, "each segment had forged chunks, which were found")
  }

  /// The insider is real: without a signature the same datagrams spoil the set.
  @Test func withoutASignatureTheInsiderSpoilsFiles() throws {
    let run = try InsiderRun(seed: 1, isSigned: false)
    try run.run()
    #expect(!run.isWhole)
  }

  /// A sender with the group's key and another signature is not heard at all.
  @Test func anInsiderThatSendsInItsOwnNameIsNotHeard() throws {
    let run = try InsiderRun(seed: 3, isSigned: true, trustsAnother: true)
    try run.run()
    #expect(run.wholeFileCount == 0 && !run.hasBegun)
    #expect(run.strangers.contains { $0.contains("fingerprint") })
  }
}

private final class InsiderRun {
  static let fileCount = 16
  private static let fileByteCount = 262_144
  private static let chunkByteCount = 200
  private static let forgedLimit = 10_000
  private static let sessionID: UInt64 = 0x1234_5678_9ABC_DEF0
  private static let delayNanoseconds: UInt64 = 1_000_000

  private enum Event {
    case toReceiver(VirtualSocket.Datagram)
    case toSender(VirtualSocket.Datagram)
    case timer(isSender: Bool)
  }

  private let folder = NSTemporaryDirectory() + "gallery-insider-\(UUID().uuidString)"
  private let clock = UnsafeMutablePointer<Instant>.allocate(capacity: 1)
  private var queue = EventQueue<Event>()
  private var timers: [UInt64] = [.max, .max]
  private var contents: [String: [UInt8]] = [:]
  private var sender: VirtualSender?
  private var receiver: VirtualReceiver?
  private let insider: ReceiverSeal
  private let insidersSeal: SenderSeal
  private var generator: SplitMix64
  private let senderName: [UInt8]
  private let receiverName: [UInt8]
  private var manifestChunkCount: UInt64 = 0
  private(set) var forgedCount = 0
  private(set) var wrongFiles: [String] = []
  private(set) var wholeFileCount = 0
  private(set) var hasBegun = false
  private(set) var strangers: [String] = []
  private(set) var isWhole = false
  private(set) var wrongSegmentCount: UInt64 = 0

  init(seed: UInt64, isSigned: Bool, trustsAnother: Bool = false) throws {
    clock.initialize(to: .zero)
    generator = SplitMix64(seed: seed)
    let secret = SessionSecret.key((0..<32).map { UInt8($0) })
    let keys = try SaltedKeys(secret, salt: Array(repeating: UInt8(seed), count: SaltedKeys.saltByteCount))
    (insider, insidersSeal) = (ReceiverSeal(secret), try SenderSeal(keys, sessionID: Self.sessionID))
    let addresses = try (1...2).map { try SocketAddress(ipAddress: "10.77.0.\($0)", port: 25_000) }
    (senderName, receiverName) = (
      VirtualSocket.kernelForm(addresses[0]), VirtualSocket.kernelForm(addresses[1])
    )
    try FileManager.default.createDirectory(atPath: folder + "/set", withIntermediateDirectories: true)
    for number in 0..<Self.fileCount {
      let bytes = (0..<Self.fileByteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      contents["\(number).jpg"] = bytes
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/set/\(number).jpg"))
    }
    let signing = isSigned ? try SigningKey(seed: Array(repeating: 1, count: 32)) : nil
    let trusted = trustsAnother ? try SigningKey(seed: Array(repeating: 2, count: 32)) : signing
    var set = try FileScanner.scan(folder + "/set")
    if isSigned { set = try set.withSegmentDigests() }
    try (trusted?.publicKey.text ?? "").write(toFile: folder + "/trust", atomically: true, encoding: .utf8)
    let source = try SetSource(set, chunkByteCount: Self.chunkByteCount)
    manifestChunkCount = source.shape.manifestChunkCount
    var plan = VirtualSender.Plan(
      sessionID: Self.sessionID, isGroup: false, receiverCount: 1, parity: nil, rateBitsPerSecond: 5e7,
      joinNanoseconds: .seconds(3))
    (plan.keys, plan.signing) = (keys, signing)
    receiver = VirtualReceiver(
      ReceiverMachine.Configuration(receiverID: 77, hostName: "r", usesParity: true, seed: seed),
      socket: try VirtualSocket(clock: clock) { [unowned self] bytes, _ in
        push(.toSender(VirtualSocket.Datagram(bytes: Array(bytes), sender: receiverName)))
      },
      inbox: InboxOptions(path: folder + "/inbox"), from: Int32(AT_FDCWD), secret: secret,
      trust: isSigned ? try SenderTrust(path: folder + "/trust") : nil
    ) { [unowned self] in note($0) }
    sender = try VirtualSender(
      plan, source: source,
      socket: try VirtualSocket(clock: clock) { [unowned self] bytes, _ in sent(Array(bytes)) },
      destination: addresses[1]
    ) { _ in }
    push(.timer(isSender: true), after: 0)
    push(.timer(isSender: false), after: 0)
  }

  deinit {
    (sender, receiver) = (nil, nil)
    clock.deallocate()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func push(_ event: Event, after nanoseconds: UInt64 = delayNanoseconds) {
    queue.push(event, at: clock.pointee.nanoseconds + nanoseconds)
  }

  /// The insider hears what the sender sends. Before every second chunk it has a datagram of its own there,
  /// with the same packet number, so that the sender's comes too late.
  private func sent(_ datagram: [UInt8]) {
    var copy = datagram  // is opened in place
    copy.withUnsafeMutableBytes { bytes in
      let sealed = UnsafeRawBufferPointer(bytes)
      guard case .datagram(let plain) = insider.open(sealed, isListening: true, now: clock.pointee),
        plain.count > DataHeader.byteCount, plain[2] == MessageType.data.rawValue,
        forgedCount < Self.forgedLimit,
        let data = try? DataDatagram.decode(plain.bindMemory(to: UInt8.self).span)
      else { return }
      // One chunk of the manifest, once: it costs the whole manifest, which is tried 16 times.
      let isManifest = UInt64(data.chunkIndex) < manifestChunkCount
      guard isManifest ? forgedCount == 0 : generator.next() % 2 == 0 else { return }
      forgedCount += 1
      push(.toReceiver(VirtualSocket.Datagram(bytes: forged(Array(plain), data), sender: senderName)))
    }
    push(.toReceiver(VirtualSocket.Datagram(bytes: datagram, sender: senderName)))
  }

  private func forged(_ plain: [UInt8], _ data: DataDatagram) -> [UInt8] {
    var datagram = plain
    let place = data.payload.lowerBound + Int(generator.next() % UInt64(data.payload.count))
    datagram[place] ^= UInt8(1 + generator.next() % 255)
    let checksum = CRC32.checksum(datagram.span.extracting(data.payload))
    datagram.withUnsafeMutableBytes {
      DataHeader.write(
        into: $0, sessionID: data.sessionID, packetNumber: data.packetNumber, flags: data.flags,
        chunkIndex: data.chunkIndex, timestamp: data.timestamp, grttCode: data.grttCode,
        payloadChecksum: checksum)
    }
    datagram += Array(repeating: 0, count: SealedDatagram.tagByteCount)
    let count = datagram.count
    datagram.withUnsafeMutableBytes { insidersSeal.seal($0, [count]) }
    return datagram
  }

  private func note(_ event: UDPReceiveEvent) {
    switch event {
    case .began: hasBegun = true
    case .stranger(let text): strangers.append(text)
    case .file(.fileVerified(_, let path)):
      wholeFileCount += 1
      let name = String(path.split(separator: "/").last ?? "")
      let bytes = FileManager.default.contents(atPath: path).map { Array($0) }
      if bytes != contents[name] { wrongFiles.append(name) }
    case .file, .refused, .storage: break
    }
  }

  /// Runs until both sides have ended, at most 200 s of virtual time.
  func run() throws {
    let limit: UInt64 = 200_000_000_000
    while let (time, event) = queue.pop(), time < limit, sender?.isOpen ?? false || receiver?.isOpen ?? false
    {
      clock.pointee = Instant(nanoseconds: time)
      switch event {
      case .toReceiver(let datagram): turn(isSender: false, [datagram])
      case .toSender(let datagram): turn(isSender: true, [datagram])
      case .timer(let isSender):
        if timers[isSender ? 0 : 1] <= time || time == 0 { turn(isSender: isSender, []) }
      }
    }
    wrongSegmentCount = receiver?.wrongSegmentCount ?? 0
    let outcome = receiver?.outcome
    _ = receiver?.close()
    isWhole = outcome?.isWhole ?? false && outcome?.verifiedFileCount == Self.fileCount && wrongFiles.isEmpty
  }

  private func turn(isSender: Bool, _ datagrams: [VirtualSocket.Datagram]) {
    let next: Instant?
    if isSender {
      next = sender?.isOpen ?? false ? sender?.turn(datagrams) : nil
    } else {
      next = receiver?.isOpen ?? false ? receiver?.turn(datagrams) : nil
    }
    guard let next, next != .never else { return }
    let at = max(next.nanoseconds, clock.pointee.nanoseconds)
    timers[isSender ? 0 : 1] = at
    queue.push(.timer(isSender: isSender), at: at)
  }
}
