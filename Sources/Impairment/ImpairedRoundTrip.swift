/// What happens to datagrams on the way to one receiver, and on the way back.
package struct ImpairedRoundTrip: Equatable, Sendable {
  /// Towards the receiver.
  package var forward: Impairment
  /// Towards the sender.
  package var backward: Impairment

  package init(forward: Impairment, backward: Impairment) {
    self.forward = forward
    self.backward = backward
  }
}
