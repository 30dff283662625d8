import Accounting
import Session

/// The accounts of both sides, from what the network counted.
extension SessionNetwork {
  var senderAccount: Account {
    Account(
      sender.sentEquations(sent: sent, bytes: sentBytes) + [
        sender.repairEquation,
        sender.receivedEquation(received: receivedBySender, corrupt: Tally(), foreign: Tally()),
      ])
  }

  func account(of receiver: Int) -> Account {
    Account(
      receivers[receiver].receivedEquations(
        received: received[receiver], corrupt: Tally(), foreign: Tally())
        + receivers[receiver].nackEquations
        + [receivers[receiver].sentEquation(sent: sentByReceivers[receiver])])
  }
}
