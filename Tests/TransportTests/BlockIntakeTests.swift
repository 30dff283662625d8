import Checksum
import FileSet
import Foundation
import Ground
import NIOCore
import Session
import TestSupport
import Testing
import Transport
import Wire

/// A set at a sender and at a receiver. Some chunks are lost on the way, and symbols take their places.
private struct Rig {
  static let chunkByteCount = 1_000
  static let sizes = [40_500, 0, 1, 995, 996, 997, 2_997, 12, 50_001, 1_000]

  let scratch: StreamScratch
  let files: [String: [UInt8]]
  let source: SetSource
  let geometry: BlockGeometry
  let set: ReceivedSet
  let intake: BlockIntake
  private var encoder: SymbolEncoder
  private var packet: UInt64 = 0

  /// Blocks of 8 chunks, 4 apart.
  init(
    names: (Int) -> String = { "\(100 + $0).jpg" }, symbolByteCountLimit: Int = 1 << 20,
    heldByteCountLimit: Int = 1 << 20
  ) throws {
    scratch = try StreamScratch()
    let names = Self.sizes.indices.map(names)
    let bytes = Self.sizes.enumerated().map { seededBytes($1, seed: UInt64($0)) }
    files = Dictionary(uniqueKeysWithValues: zip(names, bytes))
    source = try SetSource(
      FileScanner.scan(try scratch.folder("set", files)), chunkByteCount: Self.chunkByteCount)
    geometry = try #require(
      BlockGeometry(
        chunkCount: source.shape.chunkCount, blockChunkCount: 8, maxSymbolCount: 247, stride: 4))
    set = try ReceivedSet(
      shape: source.shape, identity: source.identity,
      store: PartStore(inboxPath: scratch.path + "/inbox", sessionID: 7))
    intake = BlockIntake(
      geometry, files: set, symbolByteCountLimit: symbolByteCountLimit,
      heldByteCountLimit: heldByteCountLimit)
    encoder = SymbolEncoder(sessionID: 7, chunkByteCount: Self.chunkByteCount)
  }

  /// Reads a chunk at the sender and stores it at the receiver, if it is not lost.
  func pass(_ chunk: UInt64, isLost: Bool) throws {
    var checksums: [UInt32] = []
    var bytes = [UInt8](repeating: 0, count: Self.chunkByteCount)
    bytes.withUnsafeMutableBytes {
      source.read(
        first: UInt32(chunk), count: 1, into: $0, stride: $0.count, payloadOffset: 0, checksums: &checksums)
    }
    guard !isLost else { return }
    let byteCount = set.payloadByteCount(of: UInt32(chunk)) ?? length(of: chunk)
    let outcome = try bytes.withUnsafeBytes { bytes in
      try checksums.withUnsafeBufferPointer { checksums in
        try set.accept(
          first: UInt32(chunk), count: 1, base: try #require(bytes.baseAddress), stride: bytes.count,
          payloadOffset: 0, lastPayloadByteCount: byteCount, payloadChecksums: checksums)
      }
    }
    try #require(outcome == .accepted)
  }

  private func length(of chunk: UInt64) -> Int {
    var hint = 0
    return source.layout.payloadByteCount(of: UInt32(chunk), hint: &hint)
  }

  func passAll(except lost: Set<UInt64>) throws {
    for chunk in 0..<source.shape.chunkCount { try pass(chunk, isLost: lost.contains(chunk)) }
  }

  /// The datagrams of some symbols of a block.
  mutating func datagrams(_ block: UInt64, symbols: Range<Int>, sentChunkCount: UInt64 = .max) -> [[UInt8]] {
    let train = SymbolTrain(
      firstPacketNumber: packet,
      runs: [
        SymbolRun(
          index: block, block: geometry[block], firstSymbol: symbols.lowerBound, count: symbols.count)
      ], grttCode: GrttCode(rawValue: 0))
    packet += UInt64(symbols.count)
    return encoder.encode(train, geometry, from: source, sentChunkCount: sentChunkCount, now: .zero).flatMap {
      piece in
      var rest = piece.bytes
      return (0..<piece.datagramCount).compactMap { _ in
        rest.readBytes(length: min(piece.segmentByteCount, rest.readableBytes))
      }
    }
  }

  /// Sends symbols of a block.
  mutating func send(_ block: UInt64, symbols: Range<Int>) throws {
    for datagram in datagrams(block, symbols: symbols) {
      let parity = try ParityDatagram.decode(datagram.span)
      #expect(parity.flags == .repair && geometry.block(of: parity.fields) == block)
      #expect(intake.hasRightLength(parity))
      datagram.withUnsafeBytes { intake.keep(parity, of: $0) }
    }
  }

  /// Rebuilds a block, when these chunks are missing.
  func rebuild(_ block: UInt64, _ lost: some Sequence<UInt64>) throws -> BlockIntake.Result {
    let missing = lost.sorted()
    return try intake.rebuild(block, missingOf: { range in missing.filter(range.contains) })
  }

  func missing(_ block: UInt64, _ lost: Set<UInt64>) -> [UInt64] {
    geometry[block].chunks.filter(lost.contains)
  }

  /// Every file of the set is whole and has its bytes.
  func expectWhole() throws {
    let outcome = try #require(set.settle())
    #expect(outcome.isWhole, "\(outcome)")
    set.store.close()
    #expect(try StreamScratch.contents(scratch.path + "/inbox") == files)
  }
}

/// Blocks rebuilt at a receiver from the chunks in its files and from symbols.
struct BlockIntakeTests {
  /// With each seed another 10 % to 30 % of the chunks are lost, among them short last chunks and digests. Of
  /// the four spans (32,000 bytes each but the last) none, one, two or all are held at a time.
  @Test(arguments: 1...UInt64(20))
  func rebuiltFilesHaveTheirBytes(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var rig = try Rig(heldByteCountLimit: [0, 40_000, 70_000, 1 << 20][Int(seed % 4)])
    let part = 10 + seed
    let lost = Set((1..<rig.source.shape.chunkCount).filter { _ in generator.next() % 100 < part })
    try rig.passAll(except: lost)
    // Files that are whole already have got their names: their chunks are read back from there.
    _ = rig.set.settle()
    var left = lost
    for block in (0..<rig.geometry.blockCount).shuffled(using: &generator) {
      let missing = rig.missing(block, lost)
      guard !missing.isEmpty else { continue }
      let first = Int(generator.next() % 200)
      try rig.send(block, symbols: first..<first + missing.count)
      #expect(try rig.rebuild(block, left) == .rebuilt, "seed \(seed)")
      left.subtract(missing)
    }
    try rig.expectWhole()
  }

  @Test func tooFewSymbolsRebuildNothing() throws {
    var rig = try Rig()
    let missing = Array(rig.geometry[2].chunks.prefix(3))
    try rig.passAll(except: Set(missing))
    try rig.send(2, symbols: 0..<2)
    #expect(try rig.rebuild(2, missing) == .lacksSymbols)
    try rig.send(2, symbols: 5..<6)
    #expect(try rig.rebuild(2, missing) == .rebuilt)
    try rig.expectWhole()
  }

  /// The manifest takes several chunks. Blocks that lack one are rebuilt at once, with chunks of files whose
  /// lengths are not known; the others wait for it.
  @Test func theManifestIsRebuiltBeforeItIsKnown() throws {
    var rig = try Rig { String(repeating: "n", count: 235) + "\(100 + $0).jpg" }
    let manifestCount = rig.source.shape.manifestChunkCount
    try #require(manifestCount == 3)
    // Each of blocks 0 to 3 lacks a chunk of a file; blocks 0 and 2 lack one of the manifest.
    let lost: Set<UInt64> = [0, 2, 16, 17, 18, 19, 28]
    try rig.passAll(except: lost)
    for block in 0..<4 as Range<UInt64> {
      try rig.send(block, symbols: 0..<rig.missing(block, lost).count)
    }
    for block in [1, 3, 0, 2] as [UInt64] {
      let result = try rig.rebuild(block, lost)
      #expect(result == (block % 2 == 0 ? .rebuilt : .waits), "block \(block)")
    }
    #expect(rig.set.manifest == rig.source.manifest)
    while let block = rig.intake.takeReady() {
      #expect(try rig.rebuild(block, lost) == .rebuilt)
    }
    #expect(!rig.intake.hasWork)
    try rig.expectWhole()
  }

  /// A chunk of the manifest is read back when its bytes are known only as entries.
  @Test func theManifestIsReadBack() throws {
    var rig = try Rig()
    let missing = Array(rig.geometry[0].chunks.dropFirst().prefix(2))
    try rig.passAll(except: Set(missing))
    try rig.send(0, symbols: 3..<5)
    #expect(try rig.rebuild(0, missing) == .rebuilt)
    try rig.expectWhole()
  }

  /// A file that has its name is removed, or changed, before its neighbours are whole. Its chunks are rebuilt
  /// with one symbol more each, and it is not written again.
  @Test(arguments: [true, false])
  func chunksOfAFileThatSomebodyTouchedAreRebuiltToo(isRemoved: Bool) throws {
    var rig = try Rig()
    // Files of one chunk each, in four blocks side by side.
    let (touched, lost) = (rig.source.layout.chunks(ofFile: 3), rig.source.layout.chunks(ofFile: 2))
    let block = rig.geometry.block(of: touched.lowerBound)
    let missing = Array(rig.geometry[block].chunks.filter { !touched.contains($0) }.suffix(1))
    #expect(!lost.isEmpty)
    try rig.passAll(except: Set(missing))
    _ = rig.set.settle()
    let path = rig.scratch.path + "/inbox/103.jpg"
    #expect(FileManager.default.fileExists(atPath: path))
    if isRemoved {
      try FileManager.default.removeItem(atPath: path)
    } else {
      try Data("changed".utf8).write(to: URL(filePath: path))
    }
    try rig.send(block, symbols: 0..<1)
    let again = Array(rig.geometry[block].chunks.filter(touched.contains))
    #expect(try rig.rebuild(block, missing) == .unreadable(again))
    #expect(again.allSatisfy { rig.intake.isInSet(UInt32($0)) })
    let all = (missing + again).sorted()
    #expect(try rig.rebuild(block, all) == .lacksSymbols)
    try rig.send(block, symbols: 1..<1 + again.count)
    #expect(try rig.rebuild(block, all) == .rebuilt)
    let outcome = try #require(rig.set.settle())
    #expect(outcome.isWhole && rig.set.hasAllChunks)
    let left = FileManager.default.contents(atPath: path)
    #expect(left == (isRemoved ? nil : Data("changed".utf8)))
  }

  /// Symbols beyond the limit are refused, and have room again when a block is whole.
  @Test func theMemoryOfSymbolsIsBounded() throws {
    var rig = try Rig(symbolByteCountLimit: 4_500)
    for block in 0..<4 as Range<UInt64> {
      #expect(rig.intake.canKeep)
      try rig.send(block, symbols: 0..<1)
    }
    #expect(!rig.intake.canKeep)
    rig.intake.drop(1)
    #expect(rig.intake.canKeep)
  }

  /// A receiver asks for a block of which some chunks were not sent: nothing is read before its turn.
  @Test func noSymbolIsMadeOfASpanThatWasNotSent() throws {
    var rig = try Rig()
    for datagram in rig.datagrams(2, symbols: 0..<3, sentChunkCount: 31) {
      #expect(try DataDatagram.decode(datagram.span).chunkIndex == 2)
    }
    try rig.passAll(except: [])
    #expect(rig.source.rereadByteCount == 0)
    #expect(rig.datagrams(2, symbols: 0..<1, sentChunkCount: 32).map { $0[2] } == [4])
  }

  /// A block of a file that changed after its chunks were sent: its own chunks leave in place of symbols.
  @Test func noSymbolIsMadeOfAFileThatChanged() throws {
    var rig = try Rig()
    try rig.passAll(except: [])
    let file = URL(filePath: rig.scratch.path + "/set/100.jpg")
    try Data(seededBytes(40_500, seed: 99)).write(to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: file.path)
    let block = rig.geometry.block(of: 5)
    let datagrams = rig.datagrams(block, symbols: 2..<5)
    let chunks = try datagrams.map { try DataDatagram.decode($0.span) }
    #expect(chunks.allSatisfy { $0.flags == .repair })
    #expect(chunks.map { UInt64($0.chunkIndex) } == Array(rig.geometry[block].chunks.dropFirst(2).prefix(3)))
    #expect(rig.source.failures.count == 1)
  }
}
