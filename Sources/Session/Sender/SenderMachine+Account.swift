package import Accounting

/// The equations of a sender, Specs/accounting.md §10. The owner brings what it counted below the machine.
extension SenderMachine {
  /// Bytes of UDP payload by kind, as the owner encoded them.
  package struct SentBytes: Equatable, Sendable {
    package var first: UInt64 = 0
    package var repair: UInt64 = 0
    package var parity: UInt64 = 0
    package var control: UInt64 = 0

    package init() {}
  }

  /// `sent`: what the owner let go, counted at the way out.
  package func sentEquations(sent: Tally, bytes: SentBytes) -> [Equation] {
    [
      Equation(
        "datagrams", [Equation.Term("sent", sent.count)],
        Self.kinds(
          first: counters.firstDatagrams, repair: counters.repairDatagrams,
          parity: counters.parityDatagrams, control: counters.controlDatagrams)),
      Equation(
        "bytes", [Equation.Term("sent", sent.byteCount)],
        Self.kinds(first: bytes.first, repair: bytes.repair, parity: bytes.parity, control: bytes.control)),
      Equation(
        "chunks", [Equation.Term("sent for the first time", nextChunk - chunksLeftOut)],
        [Equation.Term("first", counters.firstDatagrams)], isDetail: true),
    ]
  }

  private static func kinds(
    first: UInt64, repair: UInt64, parity: UInt64, control: UInt64
  ) -> [Equation.Term] {
    [
      Equation.Term("first", first), Equation.Term("repair", repair), Equation.Term("parity", parity),
      Equation.Term("control", control),
    ]
  }

  /// Datagrams from receivers; `corrupt` and `foreign` are those that the owner could not read.
  package func receivedEquation(received: Tally, corrupt: Tally, foreign: Tally) -> Equation {
    Equation(
      "datagrams", [Equation.Term("received", received.count)],
      [
        Equation.Term("join", counters.joinsReceived), Equation.Term("NACK", counters.nacksReceived),
        Equation.Term("report", counters.reportsReceived),
        Equation.Term("complete", counters.completesReceived),
        Equation.Term("abort", counters.abortsReceived), Equation.Term("late", counters.lateDatagrams),
        Equation.Term("corrupt", corrupt.count),
        Equation.Term("foreign", counters.strayDatagrams + foreign.count),
      ], isDetail: true)
  }

  /// What NACKs asked for and what was sent without being asked for, and what was done with both, in chunks.
  package var repairEquation: Equation {
    Equation(
      "chunks",
      [Equation.Term("asked for", repairsRequested)]
        + (hasParity || repairsUnasked > 0 ? [Equation.Term("not asked for", repairsUnasked)] : []),
      [
        Equation.Term("repaired", counters.repairDatagrams),
        Equation.Term("suppressed", repairsSuppressed),
        Equation.Term("left in the queue", repairsQueued),
      ] + (hasParity ? [Equation.Term("repaired by parity", counters.parityDatagrams)] : []), isDetail: true)
  }
}
