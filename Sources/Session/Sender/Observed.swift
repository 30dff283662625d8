/// What a trace shows of a path, beyond what the driver needs.
extension SenderMachine {
  /// Datagrams that the rate controller lets be in flight.
  package var windowDatagramCount: UInt64 { controller.windowCount }

  /// Datagrams sent that this receiver has not been heard to have passed.
  package func inFlightDatagramCount(of peer: SenderPeer) -> UInt64 { peer.inFlightCount(ledger) }
}
