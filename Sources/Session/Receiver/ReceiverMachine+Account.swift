package import Accounting
import Wire

/// The equations of a receiver, Specs/accounting.md §10. The owner brings what it counted below the machine.
extension ReceiverMachine {
  /// Datagrams that its owner gave to the machine or could not: `received` all of them, `corrupt` those with
  /// a wrong CRC32, `foreign` those that are not of this protocol. Each is counted where it passes.
  package func receivedEquations(received: Tally, corrupt: Tally, foreign: Tally) -> [Equation] {
    func right(_ part: KeyPath<Tally, UInt64>) -> [Equation.Term] {
      [
        Equation.Term("new", counters.new[keyPath: part]),
        Equation.Term("duplicate", counters.duplicate[keyPath: part]),
        Equation.Term("late", counters.late[keyPath: part]),
        Equation.Term("corrupt", corrupt[keyPath: part]),
        Equation.Term("control", counters.control[keyPath: part]),
        Equation.Term("refused", counters.refused[keyPath: part]),
        Equation.Term("foreign", counters.foreign[keyPath: part] + foreign[keyPath: part]),
      ] + (usesParity ? [Equation.Term("parity", counters.parity[keyPath: part])] : [])
    }
    return [
      Equation("datagrams", [Equation.Term("received", received.count)], right(\.count)),
      Equation("bytes", [Equation.Term("received", received.byteCount)], right(\.byteCount)),
      Equation(
        "chunks",
        [Equation.Term("held", chunksHeld), Equation.Term("forgotten", counters.forgottenChunks)],
        [Equation.Term("new", counters.new.count)]
          + (counters.resumedChunks > 0 ? [Equation.Term("here before", counters.resumedChunks)] : [])
          + (usesParity ? [Equation.Term("rebuilt from parity", counters.rebuiltChunks)] : []), isDetail: true
      ),
    ]
  }

  /// Datagrams that its owner sent for it.
  package func sentEquation(sent: Tally) -> Equation {
    Equation(
      "datagrams", [Equation.Term("sent", sent.count)],
      [
        Equation.Term("join", counters.joinsSent), Equation.Term("NACK", counters.nacksSent),
        Equation.Term("report", counters.reportsSent), Equation.Term("complete", counters.completesSent),
        Equation.Term("abort", counters.abortsSent), Equation.Term("rest", counters.restsSent),
      ], isDetail: true)
  }

  /// Each NACK that was due: sent or suppressed; each that was sent: necessary, spurious, or open.
  package var nackEquations: [Equation] {
    let verdicts = nackVerdicts
    return [
      Equation(
        "NACKs", [Equation.Term("due", counters.nacksDue)],
        [
          Equation.Term("necessary", verdicts.necessaryNacks),
          Equation.Term("spurious", verdicts.spuriousNacks),
          Equation.Term("open", verdicts.openNacks), Equation.Term("suppressed", counters.nacksSuppressed),
        ]),
      Equation(
        "NACKs", [Equation.Term("due", counters.nacksDue)],
        [
          Equation.Term("sent", counters.nacksSent), Equation.Term("suppressed", counters.nacksSuppressed),
        ], isDetail: true),
      Equation(
        "chunks", [Equation.Term("asked for", counters.chunksAskedFor)],
        [
          Equation.Term("necessary", verdicts.necessaryChunks),
          Equation.Term("spurious", verdicts.spuriousChunks), Equation.Term("open", verdicts.openChunks),
        ], isDetail: true),
    ]
  }
}

extension ReceiverMachine {
  /// Sessions that are kept while none has begun, at most.
  package static var maximumAnnouncedCount: Int { SessionCandidate.maximumCount }

  /// How far the session is; nil while none runs.
  var stage: ReceiverSession.Stage? {
    switch phase {
    case .receiving: .receiving
    case .verifying: .verifying
    case .completing: .completing
    case .listening, .ended: nil
    }
  }

  package var hasEnded: Bool {
    switch phase {
    case .listening, .receiving, .verifying, .completing: false
    case .ended: true
    }
  }

  /// Packet numbers from the first to the last that arrived, both included: what the sender sent meanwhile.
  /// Nil before there are any.
  package var packetSpan: UInt64? { arrivals?.span }

  /// Whether a packet number lies in that span.
  package func spans(packet: UInt64) -> Bool { arrivals?.spans(packet) ?? false }

  /// The full packet number for the 32 bits in a header of the sender.
  package func packetNumber(_ truncated: UInt32) -> UInt64 {
    PacketNumber.reconstruct(truncated: truncated, expected: arrivals?.ledger.expected ?? 0)
  }

  /// Part of the sender's datagrams that did not arrive, since the first one that did; nil before there are
  /// any.
  package var lossFraction: Double? {
    guard let sent = packetSpan, sent > 1 else { return nil }
    return Double(sent - min(sent, counters.datagrams)) / Double(sent)
  }
}
