import Datagrams
import Ground
import NIOCore
import Network
import Session
import Wire

/// A receiver with a code or a key: it hears sealed datagrams and no others.
extension UDPReceiveHandler {
  /// Opens a train in place, and hands on what is in it. An opened datagram counts with its length inside.
  func open(
    _ train: UnsafeRawBufferPointer, _ segment: Int, by seal: ReceiverSeal, _ isStrange: Bool,
    from: () -> SocketAddress?, now: Instant
  ) {
    train.eachSegment(segment) { datagram in
      switch seal.open(datagram, isListening: wantsSessions(now), now: now) {
      case .datagram(let ordinary):
        counters.receive(train: ordinary.count, segment: ordinary.count)
        receive(datagram: ordinary, isStrange, from: from, now: now)
      case .unsealed:
        // Senders look for receivers before they have a session, and so a key.
        if receiveInvitation(datagram, from: from(), now: now) {
          counters.receive(train: datagram.count, segment: datagram.count)
          return
        }
        drop(datagram, isCorrupt: false)
        tellOnce(of: datagram, from: from())
      case .otherSecret(let isNew):
        drop(datagram, isCorrupt: false)
        if isNew {
          let address = from()?.text ?? "?"
          onEvent(
            .stranger("the sender at \(address) has another \(seal.noun): compare both; still listening"))
        }
      case .foreign: drop(datagram, isCorrupt: false)
      case .damaged: drop(datagram, isCorrupt: true)
      }
    }
  }

  /// Whether the announce of a session that is not known is looked at: while none runs, and while the
  /// sender is silent, because it may have been started anew.
  private func wantsSessions(_ now: Instant) -> Bool {
    machine.phase == .listening || filter.isQuiet(for: SenderFilter.quietNanoseconds, now: now)
  }

  private func drop(_ datagram: UnsafeRawBufferPointer, isCorrupt: Bool) {
    counters.receive(train: datagram.count, segment: datagram.count)
    counters.countUnreadable(byteCount: datagram.count, isCorrupt: isCorrupt)
  }

  /// A sender without a code is ignored. Its user will ask why.
  private func tellOnce(of datagram: UnsafeRawBufferPointer, from address: SocketAddress?) {
    guard !toldStranger, machine.phase == .listening, datagram.first == DatagramHeader.magic else { return }
    toldStranger = true
    onEvent(
      .stranger("ignored a sender without a code, at \(address?.text ?? "?"); this receiver wants a code"))
  }

  /// The datagram as it is sent. Nil: there is no key for it.
  func sealed(_ ordinary: [UInt8], sessionID: UInt64) -> [UInt8]? {
    guard let seal else { return ordinary }
    return seal.sealed(ordinary, sessionID: sessionID)
  }

  /// Once: a sender of another protocol sends many datagrams.
  func tellStranger(_ error: WireError, _ datagram: UnsafeRawBufferPointer) {
    if case .unknownVersion(SealedDatagram.senderVersion) = error { needsKey = true }
    guard !toldStranger, let text = StrangerText.text(error, datagram) else { return }
    toldStranger = true
    onEvent(.stranger(text))
  }
}
