import Testing
import Trace

struct TraceSummaryTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("run.qlog")
  }

  private func summary(role: TraceRole, _ body: (SessionTracer) -> Void) throws -> (TraceSummary, TraceSeries)
  {
    let tracer = try SessionTracer(TraceOptions(qlogPath: path), role: role, name: "", now: 0)
    tracer.started(Datagrams.facts, at: 1_000_000_000)
    body(tracer)
    _ = tracer.close()
    var summary = TraceSummary()
    var series = TraceSeries()
    try TraceReader(path: path).forEach { series.add($0, isNew: summary.add($0)) }
    return (summary, series)
  }

  @Test func aSendersDatagramsAreFirstRepairOrControl() throws {
    let (found, _) = try summary(role: .sender) {
      for i in 0..<3 { $0.sent(Datagrams.data(UInt32(i), chunk: UInt32(i)), at: 1_000_000_000) }
      $0.dropped(Datagrams.data(1, chunk: 1), .outgoing, cause: "random_loss", at: 1_000_000_000)
      $0.received(Datagrams.nack(0, [(1, 1)]), at: 1_100_000_000)
      $0.sent(Datagrams.data(3, chunk: 1, isRepair: true), at: 1_200_000_000)
      $0.sent(Datagrams.end(4, round: 0), at: 1_200_000_000)
      $0.ended(outcome: .finished, reason: nil, at: 1_500_000_000)
    }
    #expect((found.sent.first, found.sent.repair, found.sent.control, found.sent.total) == (3, 1, 1, 5))
    #expect(found.sentByType == ["data": 4, "end": 1])
    #expect(found.receivedByType == ["nack": 1])
    #expect(found.sentByteCount == 4 * 132 + 40)
    #expect(found.dropped == ["outgoing random_loss": 1])
    #expect(found.chunksAskedFor == 1)
    #expect(found.outcome == "finished")
    #expect(found.seconds == 0.5)
    #expect(found.session.chunkCount == 3)
  }

  @Test func aReceiversDatagramsAreNewDuplicateOrControl() throws {
    let (found, _) = try summary(role: .receiver) {
      $0.received(Datagrams.data(0, chunk: 0), at: 1_000_000_000)
      $0.received(Datagrams.data(2, chunk: 70_000), at: 1_000_000_000)
      $0.received(Datagrams.data(3, chunk: 1, isRepair: true), at: 1_000_000_000)
      $0.received(Datagrams.data(4, chunk: 1, isRepair: true), at: 1_000_000_000)
      $0.received(Datagrams.end(5, round: 0), at: 1_000_000_000)
    }
    #expect((found.received.first, found.received.duplicate, found.received.control) == (3, 1, 1))
    #expect(found.received.total == 5)
    #expect(found.repairsReceived == 2)
    #expect(found.outcome == "cut off")
  }

  @Test func goodputIsNewChunksOverTime() throws {
    let (_, series) = try summary(role: .receiver) {
      // Ten chunks of 100 bytes, one each 10 ms; each comes a second time, which counts for nothing.
      for i in 0..<10 {
        for copy in 0..<2 {
          $0.received(
            Datagrams.data(UInt32(2 * i + copy), chunk: UInt32(i)), at: 1_000_000_000 + UInt64(i) * 10_000_000
          )
        }
      }
      $0.ended(outcome: .finished, reason: nil, at: 1_100_000_000)
    }
    let goodput = series.goodput(count: 2)
    #expect(goodput.map(\.seconds) == [0, 0.05])
    #expect(goodput.map(\.value).reduce(0, +) * 0.05 / 8 == 1_000)
  }

  @Test func goodputOfASenderIsWhatTheSlowestReceiverHolds() throws {
    let (_, series) = try summary(role: .sender) {
      $0.sent(Datagrams.data(0, chunk: 0), at: 1_000_000_000)
      var metrics = Datagrams.metrics
      for (receiver, held) in [(1, 2), (2, 1), (1, 3), (2, 3)] as [(UInt64, UInt64)] {
        metrics.receiverID = receiver
        metrics.heldChunkCount = held
        $0.metrics(metrics, at: 1_000_000_000 + held * 100_000_000)
      }
    }
    let byteCount = series.goodput(count: 3).map(\.value).reduce(0, +) * 0.1 / 8
    #expect(abs(byteCount - 300) < 1e-6)
  }

  @Test func anEmptyTraceAddsUpToNothing() throws {
    let (found, series) = try summary(role: .sender) { _ in }
    #expect(found.sent.total == 0)
    #expect(series.goodput(count: 10).isEmpty)
  }
}
