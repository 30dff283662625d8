import Accounting
import Datagrams
package import FileSet
package import Ground
import Impairment
package import Keys
package import Session
import Wire

/// A receiver's driver over UDP in virtual time: what `receive` runs, without its report. For the fault
/// simulator (Tests/FaultsTests).
package final class VirtualReceiver {
  private let socket: VirtualSocket
  private let handler: UDPReceiveHandler
  private var isClosed = false

  /// `inbox`: relative to the folder `start`. `secret` and `trust`: as of `receive`'s options.
  package init(
    _ configuration: ReceiverMachine.Configuration, socket: VirtualSocket, inbox: InboxOptions,
    from start: Int32, secret: SessionSecret? = nil, trust: SenderTrust? = nil,
    tell: @escaping (UDPReceiveEvent) -> Void
  ) {
    self.socket = socket
    let seed = configuration.seed
    handler = UDPReceiveHandler(
      configuration: configuration, loop: socket.loop,
      incoming: ImpairedPath(.none, seed: seed, direction: .towardsReceiver, receiver: 0),
      outgoing: ImpairedPath(.none, seed: seed, direction: .towardsSender, receiver: 0),
      seal: secret.map(ReceiverSeal.init),
      makeStore: { announce throws(FileSetError) in
        let store = try PartStore(
          inboxPath: inbox.path, key: PartKey(shape: announce.shape, identity: announce.setIdentity),
          resumes: inbox.resumes, overwrite: inbox.overwrite, recordsPath: inbox.recordsPath,
          verifies: inbox.verifies, from: start)
        return try ReceivedSet(
          shape: announce.shape, identity: announce.setIdentity, store: store,
          manifestDigest: announce.signature?.manifestDigest)
      }, onEvent: tell)
    handler.signatures = SignatureGate(trust: trust)
    socket.loop.scheduleRepeatedly(each: .milliseconds(100)) { [weak handler] in handler?.intake?.save() }
    handler.pump()
  }

  package var phase: ReceiverMachine.Phase { handler.machine.phase }
  /// How the set ended, once that is known; the sender is told this.
  package var outcome: SetOutcome? { handler.outcome }
  package var failure: FileSetError? { handler.failure }
  /// The sender was started anew, and the session is over for that.
  package var isSuperseded: Bool { handler.isSuperseded }
  /// Segments of files that were not as the sender signed them, each time.
  package var wrongSegmentCount: UInt64 { handler.intake?.wrongSegmentCount ?? 0 }
  /// The equations of its account that do not balance.
  package var imbalances: [String] { handler.account.imbalances }
  package var isOpen: Bool { socket.loop.isOpen }

  /// What has arrived, and what is due. Returns when the next turn is; never once the session is over.
  package func turn(_ datagrams: [VirtualSocket.Datagram]) -> Instant { socket.turn(handler, datagrams) }

  /// The process was stopped for this long.
  package func wasAway(_ nanoseconds: Nanoseconds) { handler.wasAway(nanoseconds) }

  /// The session is over: its files are stored, removed or kept, as at the end of `receive`.
  package func close() -> SetOutcome? {
    guard !isClosed else { return nil }
    isClosed = true
    return handler.closeFiles()
  }
}
