import FileSet
import Foundation
import Ground
import Impairment
import Runs
import Session
import Synchronization
import Testing
import Trace
import Transport
import Viewer

import gallery

/// A real session with losses, its map as a window had it, and its traces.
@Suite(.sideBySide) struct ReplayedMapTests {
  /// How the session repairs.
  enum Way: CaseIterable { case unicast, parity }

  private struct Run {
    var outcome: LoopbackChunked.Outcome
    /// The map at the end, as the window showed it.
    var map: DeliveryMap
    var traffic: Traffic.Sample
    var receiver: Replay
    var sender: Replay
  }

  /// 6 files of 40 kB; a tenth of the datagrams is lost on the way to the receiver, and of its own.
  private static func run(_ way: Way, in scratch: Scratch) throws -> Run {
    scratch.folder("set")
    for name in ["a", "b", "c", "d", "e", "f"] { scratch.file("set/\(name).jpg", byteCount: 40_000) }
    let loss = Impairment(loss: .random(0.1))
    let count = way == .unicast ? 1 : 2
    var session = LoopbackChunked(
      set: try FileScanner.scan(scratch.path("set")),
      folders: (0..<count).map { scratch.path("inbox-\($0)") },
      mode: way == .unicast ? .unicast : .multicast,
      paths: (0..<count).map { _ in ImpairedRoundTrip(forward: loss, backward: loss) },
      fates: (0..<count).map { LoopbackChunked.Fate(seed: 11, receiver: UInt64($0)) })
    if way == .parity { session.parity = ParityChoice.Blocks(chunkCount: 64, stride: 16) }
    session.trace = TraceOptions(qlogPath: scratch.path("sender.qlog"))
    session.receiverTrace = TraceOptions(qlogPath: scratch.path("receiver.qlog"))
    let last = Mutex<(DeliveryMap, Traffic.Sample)?>(nil)
    session.onSample = { sample in last.withLock { $0 = (DeliveryMap(sample), Traffic.Sample(sample)) } }
    let outcome = try session.run()
    let (map, traffic) = try #require(last.withLock { $0 })
    return Run(
      outcome: outcome, map: map, traffic: traffic,
      receiver: try Replay(path: scratch.path("receiver.qlog")),
      sender: try Replay(path: scratch.path("sender.qlog")))
  }

  /// Cell for cell, and its counts are those of the account.
  @Test(arguments: Way.allCases)
  func theReplayEndsWithTheMapThatTheRunShowed(way: Way) throws {
    let run = try Self.run(way, in: Scratch())
    let report = try #require(run.outcome.receivers[0].report)
    let replayed = DeliveryMap(run.receiver, after: run.receiver.stepCount)
    #expect(replayed.chunkCount == run.map.chunkCount && replayed.chunkCount > 160)
    for chunk in 0..<run.map.chunkCount {
      let (one, other) = (run.map.counts(chunk..<chunk + 1), replayed.counts(chunk..<chunk + 1))
      #expect(CellState(one) == CellState(other) && one == other, "chunk \(chunk): \(one) and \(other)")
    }
    #expect(replayed.fileCount == 6 && (0..<6).allSatisfy { replayed.file($0) == run.map.file($0) })
    let (totals, counts) = (replayed.totals, run.receiver.state(after: run.receiver.stepCount).counts)
    #expect(totals.arrived == report.chunksHeld && totals.missing == 0)
    #expect(totals.rebuilt == report.chunksRebuilt && (way == .parity) == (totals.rebuilt > 0))
    #expect(way == .parity || totals.repaired > 0, "the loss was seen")
    #expect(counts.datagrams == report.datagramsReceived, "\(counts.datagrams), \(report.datagramsReceived)")
    #expect(counts.byteCount == report.bytesReceived, "\(counts.byteCount), \(report.bytesReceived)")
    #expect(counts.nacks == report.nacksSent && counts.chunksAskedFor == report.chunksAskedFor)
    // The report counts a symbol that a block did not need any more as a duplicate.
    #expect(counts.parity + counts.duplicates == report.parityDatagrams + report.duplicateChunks)
    #expect(counts.lost >= report.inducedDropsIncoming && counts.lost > 0)
    #expect(run.traffic.nackCount == report.nacksSent && run.traffic.datagramCount <= counts.datagrams)
  }

  /// Every moment of the run can be reached from each side, and is the same.
  @Test func timeRunsBothWays() throws {
    let replay = try Self.run(.unicast, in: Scratch()).receiver
    let places = Array(stride(from: 0, through: replay.stepCount, by: 23))
    func held() -> [UInt64] { places.map { replay.state(after: $0).held.count } }
    let forward = held()
    let backward = places.reversed().map { replay.state(after: $0).held.count }
    #expect(forward == backward.reversed() && forward == forward.sorted() && forward[0] == 0)
  }

  @Test func theSendersReplayIsOfWhatItSent() throws {
    let run = try Self.run(.unicast, in: Scratch())
    let sent = try #require(run.outcome.sent)
    let map = DeliveryMap(run.sender, after: run.sender.stepCount)
    let totals = map.totals
    #expect(map.isOfSender && totals.arrived == map.chunkCount && totals.asked == 0)
    #expect(totals.repaired > 0 && totals.repaired <= sent.repairDatagrams)
    let counts = run.sender.state(after: run.sender.stepCount).counts
    #expect(counts.datagrams == sent.datagramsSent && counts.nacks == sent.nacksReceived)
    #expect(counts.repairs == sent.repairDatagrams && counts.byteCount == sent.bytesSent)
    let asked = (0..<run.sender.stepCount).first { run.sender.isNack($0) }
    let nack = try #require(asked)
    #expect(DeliveryMap(run.sender, after: nack + 1).totals.asked > 0)
    #expect(run.sender.line(after: nack + 1).hasPrefix("received NACK #1: asks for chunk"))
  }

  /// The window's own picture of a moment, by the program.
  @Test func aMomentIsAPicture() async throws {
    let scratch = Scratch()
    _ = try Self.run(.unicast, in: scratch)
    var pictures: [Data] = []
    for (place, name) in [("0%", "start"), ("50%", "middle"), ("100%", "end")] {
      let view = Program(
        [
          "view", "--trace", scratch.path("receiver.qlog"), "--at", place, "--screenshot",
          scratch.path("\(name).png"),
        ], in: scratch)
      #expect(await view.wait() == 0)
      pictures.append(try Data(contentsOf: URL(filePath: scratch.path("\(name).png"))))
    }
    #expect(Set(pictures).count == 3)
    for words in [
      ["set", "--trace", "a.qlog"], ["--at", "50%", "set"], ["--trace", "a.qlog", "--at", "101%"],
      ["--trace", "a.qlog", "--at", "5"], ["--trace", "a.qlog", "--as", "grid"],
      ["--trace", "a.qlog", "--contact-sheet", "b.png"], ["--trace", "a.qlog", "--index", "1"], [],
    ] {
      let view = Program(["view"] + words, in: scratch)
      #expect(await view.wait() == 64 && view.errorLines.count <= 2, "\(words) \(view.errors)")
    }
    scratch.file("no.qlog", byteCount: 3)
    let view = Program(
      ["view", "--trace", scratch.path("no.qlog"), "--screenshot", "x.png"], in: scratch)
    #expect(await view.wait() == 2 && view.errors.contains("no.qlog"))
  }
}
