import Foundation
import Testing
import Trace

/// A receiver's trace and drop trace of one session, written by the tracer and read back.
struct DropReconciliationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func reconcile(
    role: TraceRole = .receiver, isWhole: Bool = true, _ script: (SessionTracer) -> Void
  ) throws -> DropReconciliation {
    let options = TraceOptions(qlogPath: folder.path("run.qlog"), dropTracePath: folder.path("run.csv"))
    let tracer = try SessionTracer(options, role: role, name: "here", now: 0)
    tracer.started(Datagrams.facts, at: 0)
    script(tracer)
    #expect(tracer.close().isEmpty)
    var result = DropReconciliation(drops: try DropTraceLine.read(path: folder.path("run.csv")))
    try TraceReader(path: folder.path("run.qlog")).forEach { result.add($0) }
    result.finish(isWhole: isWhole)
    return result
  }

  private static func touch(
    _ tracer: SessionTracer, _ bytes: [UInt8], _ fate: String, _ direction: TraceDirection = .incoming
  ) {
    bytes.withUnsafeBytes { tracer.touched($0, direction, fate: fate) }
  }

  @Test func aLossThatWasAskedForIsReconciled() throws {
    let result = try reconcile { tracer in
      Self.touch(tracer, Datagrams.data(3, chunk: 7), "random_loss")
      Self.touch(tracer, Datagrams.data(4, chunk: 8), "corrupted")
      tracer.sent(Datagrams.nack(0, [(7, 2)]), at: 1)
    }
    #expect(result.isReconciled && result.lostCount == 2 && result.askedForCount == 2)
    #expect(result.unexplainedAskingCount == 0)
  }

  @Test func aLossThatNobodyNoticedIsNamed() throws {
    let result = try reconcile { tracer in
      Self.touch(tracer, Datagrams.data(3, chunk: 7), "random_loss")
      tracer.sent(Datagrams.nack(0, [(6, 1)]), at: 1)
    }
    #expect(!result.isReconciled && result.unnoticedChunks == [7])
    #expect(result.unexplainedAskingCount == 1, "chunk 6 was lost elsewhere")
  }

  @Test func aChunkLostTwiceIsToBeAskedForTwiceUnlessItCame() throws {
    let script: (SessionTracer) -> Void = { tracer in
      Self.touch(tracer, Datagrams.data(3, chunk: 7), "listed")
      tracer.sent(Datagrams.nack(0, [(7, 1)]), at: 1)
      Self.touch(tracer, Datagrams.data(5, chunk: 7, isRepair: true), "queue_overflow")
    }
    #expect(try reconcile(script).unnoticedCount == 1)
    let covered = try reconcile {
      script($0)
      $0.received(Datagrams.data(6, chunk: 7, isRepair: true), at: 2)
    }
    #expect(covered.isReconciled && covered.coveredCount == 1)
  }

  @Test func whatWasOnlyDelayedOrDoubledIsNoLoss() throws {
    let result = try reconcile { tracer in
      Self.touch(tracer, Datagrams.data(3, chunk: 7), "reordered")
      Self.touch(tracer, Datagrams.data(4, chunk: 8), "corrupted+duplicated")
      Self.touch(tracer, Datagrams.nack(0, [(1, 1)]), "random_loss", .outgoing)
    }
    #expect(result.isReconciled && result.lostCount == 0)
    let both = try reconcile {
      Self.touch($0, Datagrams.data(4, chunk: 8), "corrupted+duplicated+duplicate_corrupted")
      Self.touch($0, Datagrams.data(5, chunk: 9), "truncated+duplicated+duplicate_truncated")
      Self.touch($0, Datagrams.data(6, chunk: 10), "corrupted+truncated+duplicated")
    }
    #expect(both.lostCount == 2 && both.unnoticedChunks == [8, 9], "a copy of chunk 10 was sound")
  }

  @Test func aSenderKnowsOfArrivalsByTheOutcomeOnly() throws {
    let script: (SessionTracer) -> Void = {
      Self.touch($0, Datagrams.data(3, chunk: 7), "random_loss", .outgoing)
    }
    #expect(try reconcile(role: .sender, isWhole: true, script).coveredCount == 1)
    #expect(try reconcile(role: .sender, isWhole: false, script).unnoticedCount == 1)
  }

  @Test func linesAreReadBackAndOthersAreErrors() throws {
    _ = try reconcile { Self.touch($0, Datagrams.data(3, chunk: 7, isRepair: true), "random_loss") }
    let text = try String(contentsOfFile: folder.path("run.csv"), encoding: .utf8)
    #expect(
      text
        == "direction,packet_number,type,fate,chunk,repair\nincoming,3,data,random_loss,7,1\n")
    for (bad, line) in [
      ("no head\n", 1), (text + "sideways,3,data,listed,7,0\n", 3), (text + "incoming,x,data,listed,,0\n", 3),
    ] {
      try bad.write(toFile: folder.path("bad.csv"), atomically: true, encoding: .utf8)
      #expect(throws: TraceError.notADropTrace(path: folder.path("bad.csv"), line: line)) {
        try DropTraceLine.read(path: folder.path("bad.csv"))
      }
    }
  }
}
