import Accounting
import Datagrams
import Session

/// The numbers of a receiver's driver, for its report.
extension UDPReceiveHandler {
  var refusals: DatagramWriter.Refusals { writer.refusals }

  var inducedDropCount: (outgoing: UInt64, incoming: UInt64) {
    (outgoing.droppedCount, incoming.droppedCount)
  }

  /// What became of every datagram, Specs/accounting.md §10.
  var account: Account {
    let counted = counters
    return Account(
      machine.receivedEquations(
        received: counted.received, corrupt: counted.corrupt, foreign: counted.foreign)
        + machine.nackEquations + [
          machine.sentEquation(sent: counted.sent),
          incoming.equation(
            before: Equation.Term("arrived at the socket", counted.arrived.count),
            behind: Equation.Term("received", counted.received.count)),
          outgoing.equation(
            before: Equation.Term("sent", counted.sent.count),
            behind: Equation.Term("handed to the socket", counted.handedCount)),
        ])
  }

  /// Packet numbers that did not arrive though later ones did; of these, dropped here on purpose; and what is
  /// on its way.
  var missing: (count: UInt64, induced: UInt64, delayed: UInt64) {
    let span = machine.packetSpan ?? 0
    return (
      span - min(span, machine.counters.datagrams), inducedLosses.count(within: machine),
      incoming.flight.waitingCount
    )
  }

  /// The same with its causes, for the report.
  var missingDatagrams: MissingDatagrams {
    let (count, induced, delayed) = missing
    return MissingDatagrams(
      count: count, droppedOnPurpose: induced, droppedBySender: UInt64(counters.droppedBySender),
      droppedAtSocket: UInt64(counters.socketDrops), corrupt: counters.corrupt.count, stillDelayed: delayed)
  }
}
