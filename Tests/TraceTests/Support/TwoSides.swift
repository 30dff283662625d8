import Trace

/// The traces of a sender and its receiver, whose clocks differ.
final class TwoSides {
  let folder: TemporaryFolder
  let senderPath: String
  let receiverPath: String
  /// By which the receiver's clock is ahead, in milliseconds.
  let ahead: UInt64
  let sender: SessionTracer
  let receiver: SessionTracer

  init(ahead: UInt64 = 5_000, receiverSession: UInt64 = Datagrams.session) throws {
    folder = try TemporaryFolder()
    senderPath = folder.path("s.qlog")
    receiverPath = folder.path("r.qlog")
    self.ahead = ahead
    sender = try SessionTracer(TraceOptions(qlogPath: senderPath), role: .sender, name: "s", now: 0)
    receiver = try SessionTracer(TraceOptions(qlogPath: receiverPath), role: .receiver, name: "r", now: 0)
    sender.started(Datagrams.facts, at: 0)
    var facts = Datagrams.facts
    facts.sessionID = receiverSession
    receiver.started(facts, at: ahead * 1_000_000)
  }

  /// Sent at a millisecond of the sender's clock; arrives a millisecond later.
  func there(_ bytes: [UInt8], at milliseconds: UInt64, arrives: Bool = true, dropped: Bool = false) {
    sender.sent(bytes, at: milliseconds * 1_000_000)
    if dropped { sender.dropped(bytes, .outgoing, cause: "listed", at: milliseconds * 1_000_000) }
    if arrives, !dropped { receiver.received(bytes, at: (milliseconds + ahead + 1) * 1_000_000) }
  }

  /// The other way. `dropped`: by the sender's impairment, when it arrives.
  func back(_ bytes: [UInt8], at milliseconds: UInt64, arrives: Bool = true, dropped: Bool = false) {
    receiver.sent(bytes, at: (milliseconds + ahead) * 1_000_000)
    if dropped {
      sender.dropped(bytes, .incoming, cause: "listed", at: (milliseconds + 1) * 1_000_000)
    } else if arrives {
      sender.received(bytes, at: (milliseconds + 1) * 1_000_000)
    }
  }

  func close() {
    _ = sender.close()
    _ = receiver.close()
  }

  func ladder() throws -> Ladder {
    close()
    return try Ladder(path: senderPath, other: receiverPath)
  }

  /// Chunk 1 of four is lost, its first NACK dies, and the second is answered.
  func loseTheFirstNack() {
    for chunk in UInt32(0)..<4 {
      there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk == 1)
    }
    back(Datagrams.report(0, held: 3), at: 5)
    back(Datagrams.nack(1, [(1, 1)]), at: 6, dropped: true)
    back(Datagrams.nack(2, [(1, 1)]), at: 16)
    there(Datagrams.notice(4, chunk: 1, packetNumber: 5), at: 18)
    there(Datagrams.data(5, chunk: 1, isRepair: true), at: 18)
    back(Datagrams.report(3, held: 4), at: 20)
  }
}
