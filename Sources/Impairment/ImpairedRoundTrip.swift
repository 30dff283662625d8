/// What befalls datagrams on their way to one receiver, and back from it.
package struct ImpairedRoundTrip: Equatable, Sendable {
  package var forward: Impairment
  package var backward: Impairment

  package init(forward: Impairment, backward: Impairment) {
    self.forward = forward
    self.backward = backward
  }
}
