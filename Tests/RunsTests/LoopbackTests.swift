import Ground
import Accounting
import FileSet
import Foundation
import Impairment
import Naive
import Runs
import Testing
import Transport

/// Real sockets on loopback: a tiny set to two receivers, by each protocol.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LoopbackTests {
  /// A set of six files, and a folder for each of two receivers.
  private static func withSet(_ body: (ScannedSet, [String]) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.path + "/runs-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root + "/set", withIntermediateDirectories: true)
    for index in 0..<6 {
      let bytes = Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* (index + 3)) })
      try bytes.write(to: URL(fileURLWithPath: "\(root)/set/\(index).jpg"))
    }
    try body(try FileScanner.scan(root + "/set"), [root + "/a", root + "/b"])
  }

  private static func fileCount(_ folder: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: folder).count { $0.hasSuffix(".jpg") }
  }

  @Test(arguments: [TransferMode.multicast, .tcp])
  func naiveBringsEveryImageWithoutLoss(mode: TransferMode) throws {
    try Self.withSet { set, folders in
      var session = LoopbackNaive(set: set, folders: folders, mode: mode, drops: [nil, nil])
      session.pauseSeconds = 0.002
      session.waitSeconds = 0.1
      let outcome = try session.run()
      #expect(outcome.refusedImageCount == 0 && outcome.receivers.count == 2)
      for (received, folder) in zip(outcome.receivers, folders) {
        #expect(received.report.outcome == .endMarker)
        #expect(received.lastImageSeconds > 0 && received.lastImageSeconds <= received.endSeconds)
        #expect(try Self.fileCount(folder) == 6)
      }
    }
  }

  /// Over TCP the second receiver is served when the first one has ended.
  @Test func naiveTCPServesOneAfterTheOther() throws {
    try Self.withSet { set, folders in
      var session = LoopbackNaive(set: set, folders: folders, mode: .tcp, drops: [nil, nil])
      session.waitSeconds = 0.1
      let ends = try session.run().receivers
      #expect(ends[1].lastImageSeconds > ends[0].endSeconds)
    }
  }

  @Test func aReceiverLosesWhatItsDecisionSays() throws {
    try Self.withSet { set, folders in
      var session = LoopbackNaive(
        set: set, folders: folders, mode: .multicast, drops: [{ number, _ in number == 2 }, nil])
      session.pauseSeconds = 0.002
      session.waitSeconds = 0.1
      let received = try session.run().receivers
      #expect(received.map(\.report.droppedDatagramCount) == [1, 0])
      #expect(try folders.map(Self.fileCount) == [5, 6])
    }
  }

  @Test(arguments: [TransferMode.broadcast, .multicast])
  func chunkedBringsEveryFileThroughLoss(mode: TransferMode) throws {
    try Self.withSet { set, folders in
      let loss = Impairment(loss: .random(0.1))
      let outcome = try LoopbackChunked(
        set: set, folders: folders, mode: mode,
        paths: folders.map { _ in ImpairedRoundTrip(forward: loss, backward: loss) },
        fates: folders.indices.map { LoopbackChunked.Fate(seed: 5, receiver: UInt64($0)) }
      ).run()
      #expect(outcome.problem == nil && outcome.sent?.isWhole == true)
      #expect(outcome.receivers.allSatisfy { $0.report?.isWhole == true && $0.lastFileSeconds > 0 })
      #expect((outcome.sent?.repairDatagrams ?? 0) > 0)
      #expect(try folders.map(Self.fileCount) == [6, 6])
    }
  }

  /// Three receivers lose different datagrams. Most are rebuilt from parity, and every file has its bytes.
  @Test(arguments: [TransferMode.broadcast, .multicast])
  func parityRebuildsWhatAGroupLoses(mode: TransferMode) throws {
    try Self.withSet { set, folders in
      let folders = folders + [folders[0] + "c"]
      let loss = Impairment(loss: .random(0.1))
      var session = LoopbackChunked(
        set: set, folders: folders, mode: mode,
        paths: folders.map { _ in ImpairedRoundTrip(forward: loss, backward: .none) },
        fates: folders.indices.map { LoopbackChunked.Fate(seed: 11, receiver: UInt64($0)) })
      session.parity = ParityChoice.Blocks(chunkCount: 64, stride: 16)
      let outcome = try session.run()
      #expect(outcome.problem == nil && outcome.sent?.isWhole == true)
      #expect((outcome.sent?.parityDatagrams ?? 0) > 0)
      #expect(outcome.receivers.count == 3)
      for received in outcome.receivers {
        let report = try #require(received.report)
        #expect(report.isWhole && report.parityDatagrams > 0 && report.chunksRebuilt > 0)
      }
      for folder in folders {
        for file in set.manifest.entries.indices {
          let name = set.manifest.entries[file].name
          let sent = try Data(contentsOf: URL(fileURLWithPath: set.path(ofFile: file)))
          #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) == sent, "\(name)")
        }
      }
    }
  }

  /// Chunked over TCP is held to its accounts, as the others are.
  @Test func theStreamAccountsForEveryByteAtBothEnds() throws {
    try Self.withSet { set, folders in
      let outcome = try LoopbackStream(set: set, folders: folders).run()
      let accounts = outcome.accounts.compactMap(\.self)
      #expect(accounts.count == 4 && accounts.allSatisfy { $0.isBalanced && !$0.equations.isEmpty })
      #expect(throws: RunError.self) {
        var bad = accounts[3]
        bad.equations[0].left[0].count += 1
        try Balance.check(accounts.dropLast() + [bad])
      }
    }
  }
}
