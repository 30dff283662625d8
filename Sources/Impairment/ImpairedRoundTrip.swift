/// What befalls datagrams on their way to one receiver, and back from it.
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
