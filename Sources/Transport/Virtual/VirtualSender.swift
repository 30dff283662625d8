import Accounting
import Datagrams
package import FileSet
package import Ground
import Impairment
package import Keys
package import NIOCore
package import Session

/// A sender's driver over UDP in virtual time: what `send` runs, without its report. For the fault simulator
/// (Tests/FaultsTests).
package final class VirtualSender {
  private let socket: VirtualSocket
  private let handler: UDPSendHandler

  /// What a sender is told on its command line.
  package struct Plan: Sendable {
    package var sessionID: UInt64
    package var isGroup: Bool
    package var receiverCount: Int
    /// Nil: no parity.
    package var parity: ParityChoice.Blocks?
    package var rateBitsPerSecond: Double
    package var joinNanoseconds: Nanoseconds
    /// Nil: nothing is encrypted.
    package var keys: SaltedKeys?
    /// Nil: nothing is signed.
    package var signing: SigningKey?

    package init(
      sessionID: UInt64, isGroup: Bool, receiverCount: Int, parity: ParityChoice.Blocks?,
      rateBitsPerSecond: Double, joinNanoseconds: Nanoseconds
    ) {
      self.sessionID = sessionID
      self.isGroup = isGroup
      self.receiverCount = receiverCount
      self.parity = parity
      self.rateBitsPerSecond = rateBitsPerSecond
      self.joinNanoseconds = joinNanoseconds
    }
  }

  package init(
    _ plan: Plan, source: SetSource, socket: VirtualSocket, destination: SocketAddress,
    tell: @escaping (SenderEvent) -> Void
  ) throws(KeyError) {
    self.socket = socket
    let candidate = source.candidate(source.shape, isGroup: plan.isGroup, parity: plan.parity)
    handler = UDPSendHandler(
      configuration: SenderMachine.Configuration(
        sessionID: plan.sessionID, announce: candidate.announce, isGroup: plan.isGroup,
        receiverCount: plan.receiverCount, joinNanoseconds: plan.joinNanoseconds,
        rateLimitBitsPerSecond: plan.rateBitsPerSecond, seed: plan.sessionID),
      source: source,
      seal: try plan.keys.map { (keys) throws(KeyError) in try SenderSeal(keys, sessionID: plan.sessionID) },
      loop: socket.loop, destination: destination,
      outgoing: ImpairedPath(.none, seed: 0, direction: .towardsReceiver, receiver: 0),
      incoming: ImpairedPath(.none, seed: 0, direction: .towardsSender, receiver: 0),
      pathLimit: { _ in nil }, onRecut: {}, onFailure: { _ in }, onEvent: tell)
    handler.signer = plan.signing.map {
      AnnounceSigner($0, manifestDigest: source.manifestDigest, sessionID: plan.sessionID)
    }
    handler.start()
  }

  package var phase: SenderMachine.Phase { handler.machine.phase }
  /// What this session knows of a receiver; nil for one that has not joined.
  package func outcome(of receiverID: UInt64) -> PeerOutcome? { handler.machine.peer(receiverID)?.outcome }
  /// The equations of its account that do not balance.
  package var imbalances: [String] { handler.account.imbalances }
  package var isOpen: Bool { socket.loop.isOpen }

  /// What has arrived, and what is due. Returns when the next turn is; never once the session is over.
  package func turn(_ datagrams: [VirtualSocket.Datagram]) -> Instant { socket.turn(handler, datagrams) }
}
