import Accounting
import Datagrams
import FileSet
import Session

/// What the sender's driver tells of its datagrams.
extension UDPSendHandler {
  var refusals: DatagramWriter.Refusals { writer.refusals }
  /// Why reading the set failed, when it did.
  var readFailure: FileSetError? { failure }

  var inducedDropCount: (outgoing: UInt64, incoming: UInt64) {
    (outgoing.droppedCount, incoming.droppedCount)
  }

  /// Datagrams of each direction, and those of them that --drop or --impair took.
  var inducedShares: (outgoing: (UInt64, UInt64), incoming: (UInt64, UInt64)) {
    ((counters.sent.count, outgoing.droppedCount), (counters.arrived.count, incoming.droppedCount))
  }

  /// The datagrams of one direction, when --drop or --impair took all of them.
  var allDropped: (count: UInt64, isOutgoing: Bool)? {
    if counters.sent.count > 0, outgoing.droppedCount == counters.sent.count {
      return (outgoing.droppedCount, true)
    }
    if counters.arrived.count > 0, incoming.droppedCount == counters.arrived.count {
      return (incoming.droppedCount, false)
    }
    return nil
  }

  /// What became of every datagram, Specs/accounting.md §10.
  var account: Account {
    let counted = counters
    return Account(
      machine.sentEquations(sent: counted.sent, bytes: counted.bytes) + [
        machine.repairEquation,
        machine.receivedEquation(
          received: counted.received, corrupt: counted.corrupt, foreign: counted.foreign),
        outgoing.equation(
          before: Equation.Term("sent", counted.sent.count),
          behind: Equation.Term("handed to the socket", counted.handedCount)),
        incoming.equation(
          before: Equation.Term("arrived at the socket", counted.arrived.count),
          behind: Equation.Term("received", counted.received.count)),
      ])
  }
}
