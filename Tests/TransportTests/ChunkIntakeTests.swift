import Checksum
import Datagrams
import FileSet
import Ground
import NIOCore
import Session
import TestSupport
import Testing
import Transport
import Wire

/// The datagrams of a sender's set, a receiver's intake, and the loop that runs it.
private final class Rig {
  static let chunkByteCount = 1_000
  /// From one datagram of a read to the next.
  private static let distance = 1_100
  static let files = [
    "a.jpg": seededBytes(25_500, seed: 1), "b.jpg": [], "c.jpg": seededBytes(2_500, seed: 3),
  ]

  let scratch: StreamScratch
  let source: SetSource
  let loop: DatagramLoop
  let receivedSet: ReceivedSet
  private let datagrams: [[UInt8]]
  private(set) lazy var intake = ChunkIntake(
    receivedSet, loop: loop, onEvent: { [unowned self] in hear($0) },
    onSettled: { [unowned self] in
      outcomes.append($0)
      loop.close()
    })
  private(set) var arrived: [Int] = []
  private(set) var verified: [Int] = []
  /// Calls of `onSettled`.
  private(set) var outcomes: [SetOutcome] = []
  /// The loop ends behind this file.
  var lastFile: Int?

  init() throws {
    scratch = try StreamScratch()
    source = try SetSource(
      FileScanner.scan(try scratch.folder("set", Self.files)), chunkByteCount: Self.chunkByteCount)
    receivedSet = try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(inboxPath: scratch.path + "/inbox", sessionID: 7))
    loop = try DatagramLoop(
      socket: UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false))
    let count = UInt32(source.shape.chunkCount)
    var encoder = TrainEncoder(sessionID: 7, chunkByteCount: Self.chunkByteCount, datagramCount: Int(count))
    let train = Train(
      firstPacketNumber: 0, isRepair: false, runs: [ChunkRange(first: 0, count: count)],
      grttCode: GrttCode(rawValue: 0))
    datagrams = encoder.encode(train, from: source, now: .zero).flatMap { piece in
      var rest = piece.bytes
      return (0..<piece.datagramCount).compactMap { _ in
        rest.readBytes(length: min(piece.segmentByteCount, rest.readableBytes))
      }
    }
    try #require(datagrams.count == Int(count))
    // A test that failed must end too.
    loop.schedule(after: .seconds(120)) { [weak loop] in loop?.close() }
  }

  private func hear(_ event: ReceivedEvent) {
    switch event {
    case .manifestKnown, .fileFailed: break
    case .fileArrived(let file, _): arrived.append(file)
    case .fileVerified(let file, _):
      verified.append(file)
      if file == lastFile { loop.close() }
    }
  }

  var chunks: Range<UInt32> { 0..<UInt32(datagrams.count) }
  func chunks(ofFile file: Int) -> [UInt32] { source.layout.chunks(ofFile: file).map { UInt32($0) } }
  var acceptedChunkCount: UInt64 { receivedSet.acceptedChunkCount }

  /// What the inbox shows.
  func inbox() throws -> [String: [UInt8]] {
    try StreamScratch.contents(scratch.path + "/inbox").filter { !$0.key.hasPrefix(".") }
  }

  /// One read: these chunks, in this order, then the flush. `change` alters a datagram's bytes or fields.
  /// Returns what each call said.
  @discardableResult
  func read(
    _ chunks: some Collection<UInt32>, change: (inout [UInt8], inout DataDatagram) -> Void = { _, _ in }
  ) throws -> (kept: [ChunkIntake.Flushed?], flushed: ChunkIntake.Flushed?) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.distance * max(1, chunks.count), alignment: 8)
    defer { buffer.deallocate() }
    let base = try #require(buffer.baseAddress)
    var kept: [ChunkIntake.Flushed?] = []
    for (place, chunk) in chunks.enumerated() {
      var bytes = datagrams[Int(chunk)]
      var data = try DataDatagram.decode(bytes.span)
      change(&bytes, &data)
      UnsafeMutableRawBufferPointer(rebasing: buffer[(place * Self.distance)...]).copyBytes(from: bytes)
      kept.append(intake.keep(data, at: base + place * Self.distance))
    }
    return (kept, intake.flush())
  }

  func run() { loop.run(Idle()) {} }
}

/// The loop has no datagrams and no pump here.
private final class Idle: DatagramDriver {
  func receive(_ arrival: Arrival) {}
  func readComplete() {}
  func pump() {}
  func wasAway(_ nanoseconds: Nanoseconds) {}
}

struct ChunkIntakeTests {
  @Test(arguments: ["in order", "backwards", "shuffled"], [1, 5, 100])
  func everyFileIsStoredInAnyOrder(order: String, readCount: Int) throws {
    let rig = try Rig()
    var chunks = Array(rig.chunks)
    var generator = SplitMix64(seed: 5)
    switch order {
    case "backwards": chunks.reverse()
    case "shuffled": chunks.shuffle(using: &generator)
    default: break
    }
    for start in stride(from: 0, to: chunks.count, by: readCount) {
      let (kept, flushed) = try rig.read(chunks[start..<min(start + readCount, chunks.count)])
      for each in kept + [flushed] { #expect(each?.forgotten.isEmpty ?? true && each?.failure == nil) }
    }
    rig.run()
    #expect(rig.outcomes.count == 1)
    #expect(rig.outcomes.first?.isWhole == true && rig.outcomes.first?.verifiedFileCount == 3)
    #expect(try rig.inbox() == Rig.files)
  }

  /// The chunks of a read are stored by one call, as far as each continues the one before.
  @Test func aChunkThatDoesNotContinueTheRowStoresIt() throws {
    let rig = try Rig()
    let inOrder = try rig.read(rig.chunks.prefix(6))
    // The manifest's chunk is short, and no chunk continues a row behind a short one.
    #expect(inOrder.kept.map { $0 != nil } == [false, true, false, false, false, false])
    #expect(inOrder.flushed != nil && rig.acceptedChunkCount == 6)
    let apart = try rig.read([6, 7, 9, 10])
    #expect(apart.kept.map { $0 != nil } == [false, false, true, false])
    #expect(apart.flushed != nil && rig.acceptedChunkCount == 10)
    #expect(rig.intake.flush() == nil)
  }

  /// The session must ask for them again. Until the manifest is known, any length may be right.
  @Test func aShortChunkBeforeTheManifestIsForgottenLater() throws {
    let rig = try Rig()
    let chunk = rig.chunks(ofFile: 0)[2]
    let early = try rig.read([chunk]) { bytes, data in
      data.payload = data.payload.dropLast()
      data.payloadChecksum = CRC32.checksum(Array(bytes[data.payload]).span)
      #expect(rig.intake.hasRightLength(data) && rig.intake.canKeep(data.chunkIndex))
    }
    #expect(early.flushed?.forgotten == [])
    let late = try rig.read([0])
    #expect(late.flushed?.forgotten == [UInt64(chunk)..<UInt64(chunk) + 1])
    #expect(late.flushed?.failure == nil)
    try rig.read(rig.chunks.dropFirst())
    rig.run()
    #expect(try rig.inbox() == Rig.files)
  }

  /// All chunks of a row, or none.
  @Test func aRowWithAWrongLengthIsForgotten() throws {
    let rig = try Rig()
    try rig.read([0])
    let last = rig.chunks(ofFile: 0)[3]
    let result = try rig.read([last - 1, last]) { _, data in
      guard data.chunkIndex == last else { return }
      data.payload = data.payload.dropLast()
      #expect(!rig.intake.hasRightLength(data))
    }
    #expect(result.flushed?.forgotten == [UInt64(last) - 1..<UInt64(last) + 1])
    #expect(rig.acceptedChunkCount == 1)
  }

  @Test func aManifestOtherThanAnnouncedEndsTheSession() throws {
    let rig = try Rig()
    let result = try rig.read([0]) { bytes, data in
      bytes[data.payload.lowerBound + 20] ^= 1
      data.payloadChecksum = CRC32.checksum(Array(bytes[data.payload]).span)
    }
    guard case .identityMismatch = result.flushed?.failure else {
      Issue.record("\(String(describing: result.flushed?.failure))")
      return
    }
  }

  /// A file has its name as soon as it is whole, but not before the read is over. A session that is cut short
  /// keeps it, and names the others.
  @Test func aWholeFileIsSettledBetweenTwoReads() throws {
    let rig = try Rig()
    rig.lastFile = 1
    try rig.read([0] + rig.chunks(ofFile: 0) + rig.chunks(ofFile: 2).dropLast())
    #expect(rig.arrived == [0] && rig.verified == [])
    #expect(try rig.inbox().isEmpty)
    rig.run()
    #expect(rig.verified == [0, 1] && rig.outcomes.isEmpty)
    let outcome = rig.intake.close()
    #expect(outcome.verifiedFileCount == 2)
    #expect(
      outcome.failures == [FileFailure(file: 2, error: .incomplete(name: "c.jpg", missingChunkCount: 1))])
    let left = try StreamScratch.contents(rig.scratch.path + "/inbox")
    #expect(left == Rig.files.filter { $0.key != "c.jpg" })
  }

  /// The end settles what is whole itself. A turn of the loop that was due finds nothing to do.
  @Test func nothingIsSettledBehindTheEnd() throws {
    let rig = try Rig()
    try rig.read(rig.chunks)
    let outcome = rig.intake.close()
    #expect(outcome.isWhole && outcome.verifiedFileCount == 3 && rig.verified.count == 3)
    rig.loop.schedule(after: 0) { rig.loop.close() }
    rig.run()
    #expect(rig.outcomes.isEmpty && rig.verified.count == 3)
    #expect(try rig.inbox() == Rig.files)
  }

  /// Parity brings the last chunks: nothing waits for a flush.
  @Test func aRebuiltBlockCompletesItsFiles() throws {
    let rig = try Rig()
    let geometry = try #require(
      BlockGeometry(
        chunkCount: rig.source.shape.chunkCount, blockChunkCount: 8, maxSymbolCount: 247, stride: 4))
    let blocks = BlockIntake(geometry, files: rig.receivedSet)
    let lost = geometry[1].chunks.prefix(2).map { $0 }
    try rig.read(rig.chunks.filter { !lost.contains(UInt64($0)) })
    var encoder = SymbolEncoder(sessionID: 7, chunkByteCount: Rig.chunkByteCount)
    let train = SymbolTrain(
      firstPacketNumber: 0,
      runs: [SymbolRun(index: 1, block: geometry[1], firstSymbol: 0, count: lost.count)],
      grttCode: GrttCode(rawValue: 0))
    for piece in encoder.encode(train, geometry, from: rig.source, sentChunkCount: .max, now: .zero) {
      var rest = piece.bytes
      for _ in 0..<piece.datagramCount {
        let read = rest.readBytes(length: min(piece.segmentByteCount, rest.readableBytes))
        let bytes = try #require(read)
        let parity = try ParityDatagram.decode(bytes.span)
        bytes.withUnsafeBytes { blocks.keep(parity, of: $0) }
      }
    }
    let (result, flushed) = rig.intake.rebuild(1, missingOf: { lost.filter($0.contains) }, by: blocks)
    #expect(result == .rebuilt && flushed.forgotten.isEmpty && flushed.failure == nil)
    rig.run()
    #expect(rig.outcomes.first?.isWhole == true)
    #expect(try rig.inbox() == Rig.files)
  }
}
