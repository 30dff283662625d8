import Session
import Testing
import Trace

/// A replay of small traces that are written here.
struct ReplayTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("run.qlog")
  }

  private static func session(_ role: String = "") -> TracedSession {
    var session = Datagrams.facts
    session.chunkCount = 8
    session.files = [
      TracedFile(name: "a.jpg", chunks: 1..<4), TracedFile(name: "empty", chunks: 4..<4),
      TracedFile(name: "b.jpg", chunks: 4..<8),
    ]
    return session
  }

  private func tracer(_ role: TraceRole) throws -> SessionTracer {
    try SessionTracer(TraceOptions(qlogPath: path), role: role, name: "host", now: 0)
  }

  /// A receiver loses packet 2, asks for chunks 3 and 4, gets the one in a repair and rebuilds the other.
  private func receiver() throws -> Replay {
    let tracer = try tracer(.receiver)
    tracer.received(Datagrams.data(0, chunk: 0), at: 1_000_000)
    tracer.started(Self.session(), at: 1_000_000)
    tracer.chunks(.resumed, [6..<8], at: 1_000_000)
    tracer.received(Datagrams.data(1, chunk: 1), at: 2_000_000)
    tracer.received(Datagrams.data(3, chunk: 2), at: 3_000_000)
    tracer.sent(Datagrams.nack(0, [(3, 2)]), at: 4_000_000)
    tracer.received(Datagrams.data(4, chunk: 3, isRepair: true), at: 5_000_000)
    tracer.chunks(.rebuilt, [4..<5], at: 5_000_000)
    tracer.received(Datagrams.data(5, chunk: 3, isRepair: true), at: 6_000_000)
    tracer.received(Datagrams.data(6, chunk: 5), at: 7_000_000)
    tracer.chunks(.forgotten, [5..<6], at: 7_000_000)
    tracer.ended(outcome: .finished, reason: nil, at: 9_000_000)
    #expect(tracer.close().isEmpty)
    return try Replay(path: path)
  }

  @Test func aReceiversChunksComeOneAfterTheOther() throws {
    let replay = try receiver()
    #expect(replay.role == .receiver && replay.stepCount == 7 && replay.seconds == 0.008)
    func held(_ count: Int) -> [UInt64] { (0..<8).filter { replay.state(after: count).held.contains($0) } }
    #expect(held(0) == [6, 7], "what an earlier session left")
    #expect(held(3) == [0, 1, 2, 6, 7])
    #expect(held(5) == [0, 1, 2, 3, 4, 6, 7])
    #expect(held(7) == held(5), "a chunk that was not kept")
    let end = replay.state(after: 100)
    #expect(end.repaired.count == 1 && end.repaired.contains(3))
    #expect(end.rebuilt.count == 1 && end.rebuilt.contains(4) && end.asked.count == 2)
    #expect(end.counts.nacks == 1 && end.counts.chunksAskedFor == 2 && end.counts.duplicates == 1)
    #expect(end.counts.datagrams == 6 && end.counts.lost == 1 && end.counts.repairs == 2)
    #expect(replay.state(after: 2).counts == replay.state(after: 2).counts)
    #expect(replay.samples.last?.counts == end.counts && replay.samples.first?.seconds == 0)
  }

  @Test func eachStepHasItsSentence() throws {
    let replay = try receiver()
    #expect(
      (0...replay.stepCount).map(replay.line) == [
        "before the first datagram",
        "received data in packet 0: chunk 0 is new",
        "received data in packet 1: chunk 1 of a.jpg is new",
        "received data in packet 3: chunk 2 of a.jpg is new; packet 2 is missing before it",
        "sent NACK #1: asks for chunks 3–4 of a.jpg",
        "received repair in packet 4: chunk 3 of a.jpg is here now; chunk 4 of b.jpg rebuilt from parity",
        "received repair in packet 5: chunk 3 of a.jpg was here already",
        "received data in packet 6: chunk 5 of b.jpg is new; chunk 5 of b.jpg not kept",
      ])
  }

  @Test func aChunkHasItsStory() throws {
    let replay = try receiver()
    #expect(
      replay.story(of: 3..<4, after: 7) == [
        "0.0030 s  asked for by NACK #1", "0.0040 s  came in packet 4 (repair)",
        "0.0050 s  came in packet 5 (repair)",
      ])
    #expect(replay.story(of: 3..<4, after: 4).count == 1 && replay.story(of: 3..<4, after: 3).isEmpty)
    #expect(replay.story(of: 4..<5, after: 7).last == "0.0040 s  rebuilt from parity")
    #expect(replay.story(of: 0..<8, after: 7) == ["1 NACK asked"])
    #expect(replay.file(ofChunk: 0) == nil && replay.file(ofChunk: 7)?.name == "b.jpg")
  }

  /// A sender tries a larger size first, and begins anew. A NACK is open until its chunk is sent again.
  @Test func aSendersChunksAreThoseThatItSent() throws {
    let tracer = try tracer(.sender)
    tracer.started(Datagrams.facts, at: 0)
    tracer.sent(Datagrams.data(0, chunk: 0), at: 1_000_000)
    tracer.started(Self.session(), at: 2_000_000)
    for chunk in UInt32(0)..<8 {
      tracer.sent(Datagrams.data(chunk + 1, chunk: chunk), at: 3_000_000 + UInt64(chunk))
    }
    tracer.dropped(Datagrams.data(8, chunk: 7), .outgoing, cause: "random_loss", at: 4_000_000)
    tracer.received(Datagrams.nack(0, [(7, 1)]), at: 5_000_000)
    tracer.sent(Datagrams.data(9, chunk: 7, isRepair: true), at: 6_000_000)
    tracer.received(Datagrams.nack(1, [(1, 1)]), at: 7_000_000)
    var metrics = Datagrams.metrics
    metrics.heldChunkCount = 8
    tracer.metrics(metrics, at: 8_000_000)
    #expect(tracer.close().isEmpty)
    let replay = try Replay(path: path)
    #expect(replay.role == .sender && replay.outcome == nil && replay.session.chunkCount == 8)
    #expect(replay.state(after: 1).held.count == 0, "it began anew")
    let nack = try #require((0..<replay.stepCount).first(where: replay.isNack)) + 1
    #expect(replay.state(after: nack).asked.contains(7) && replay.state(after: nack + 1).asked.count == 0)
    #expect(replay.state(after: nack + 1).repaired.contains(7))
    let end = replay.state(after: replay.stepCount)
    #expect(end.asked.count == 0 && end.held.isFull && end.counts.lost == 1, "everything is there")
    #expect(
      replay.line(after: nack - 1) == "sent data in packet 8: chunk 7 of b.jpg dropped on purpose as it left")
    #expect(replay.line(after: nack + 1) == "sent repair in packet 9: chunk 7 of b.jpg again")
    #expect(replay.line(after: replay.stepCount).hasSuffix("every receiver has everything"))
  }

  /// Names of any length, in as many events as it takes; the reader has them all.
  @Test func manyFilesAreNamed() throws {
    let tracer = try tracer(.receiver)
    var session = Datagrams.facts
    session.chunkCount = 1 << 20
    session.files = (0..<12_000).map { index in
      let first = UInt64(index) * 8
      return TracedFile(name: String(repeating: "\"é", count: index % 40), chunks: first..<first + 8)
    }
    tracer.started(session, at: 0)
    _ = tracer.close()
    let replay = try Replay(path: path)
    #expect(replay.files.count == TracedFile.limit && replay.stepCount == 0)
    #expect(replay.files == Array(session.files.prefix(TracedFile.limit)))
    #expect(replay.state(after: 5).held.count == 0 && replay.line(after: 0) == "before the first datagram")
  }

  /// Numbers that no session has end in no trap, and in no endless loop.
  @Test func aHostileTraceIsBounded() throws {
    let tracer = try tracer(.receiver)
    var session = Datagrams.facts
    (session.chunkCount, session.files) = (.max, [TracedFile(name: "x", chunks: 5..<1 << 62)])
    tracer.started(session, at: 0)
    tracer.received(Datagrams.data(.max, chunk: .max), at: 1)
    for _ in 0..<4 { tracer.chunks(.resumed, [0..<1 << 62, (UInt64.max - 1)..<UInt64.max], at: 2) }
    tracer.received(Datagrams.data(0, chunk: 0), at: 1_000)
    _ = tracer.close()
    let replay = try Replay(path: path)
    #expect(replay.state(after: replay.stepCount).held.capacity == 1 << 32 && replay.isCut)
    for place in 0...replay.stepCount { #expect(!replay.line(after: place).isEmpty) }
  }

  @Test func aTraceWithoutASessionIsRefused() throws {
    let tracer = try tracer(.sender)
    _ = tracer.close()
    #expect(throws: TraceError.noSession(path: path)) { try Replay(path: path) }
  }
}
