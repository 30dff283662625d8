import FileSet
import Ground
import Network
import Session
import Wire

/// What a sender says of its receivers.
extension UDPSendSession {
  /// A receiver has not every file: people and scripts hear so at once.
  func tellLost(_ id: UInt64, _ outcome: PeerOutcome) {
    let reason = reason(outcome)
    // The summary has a line for each. Of a group a failure is worth a line at once.
    if options.mode.isGroup { tell(.notice("\(name(of: id)): \(reason)")) }
    tell(
      .lost(
        LostReceiver(
          name: handler?.machine.peer(id)?.hostName ?? "", address: handler?.notes.addresses[id] ?? "",
          receiverID: id.hexadecimal, outcome: outcome.word, reason: reason)))
  }

  /// A receiver's disk is full, or has room again.
  func tellStorage(_ id: UInt64, missingKibibytes: UInt32) {
    tell(
      .notice(
        StorageText.there(
          name(of: id), missingKibibytes: missingKibibytes, isGroup: options.mode.isGroup)))
    tell(
      .storage(
        ReceiverStorage(
          name: handler?.machine.peer(id)?.hostName ?? "", address: handler?.notes.addresses[id] ?? "",
          receiverID: id.hexadecimal, missingByteCount: UInt64(missingKibibytes) << 10)))
  }

  /// The host's name and address; the receiver's id for one whose join was lost.
  func name(of receiverID: UInt64) -> String {
    let peer = handler?.machine.peer(receiverID)
    let name = peer.map { $0.hostName.printable } ?? ""
    let address = handler?.notes.addresses[receiverID]
    guard !name.isEmpty else { return address ?? receiverID.hexadecimal }
    return name + (address.map { " (\($0))" } ?? "")
  }

  /// Why a receiver has not everything, by what is known here.
  func reason(_ outcome: PeerOutcome) -> String {
    guard let handler else { return outcome.text }
    if case .left(.needsUnicast, let why) = outcome { return Self.unserved(why) }
    let shares = handler.inducedShares
    return PeerReason(
      outgoing: shares.outgoing, incoming: shares.incoming, refusals: handler.refusals,
      destination: path.address.text, strangeSource: handler.strangeSource?.text,
      carriedByteCount: { [path] in path.carriedByteCount(below: handler.machine.datagramByteCount) }
    ).text(outcome)
  }

  /// From the first chunk until this receiver's outcome was known.
  func seconds(until receiverID: UInt64) -> Double? {
    guard let startedAt, let settled = settledAt[receiverID] else { return nil }
    return Double(settled - startedAt) / 1e9
  }
}
