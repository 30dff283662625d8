import Session
import Wire

/// What a sender's driver keeps of its receivers for people; the machine does not need it. Bounded.
struct ReceiverNotes {
  /// Receivers of which something is kept.
  private static let limit = 100_000

  /// The source of each receiver's join. It distinguishes hosts of the same name.
  private(set) var addresses: [UInt64: String] = [:]
  /// What a receiver that is whole adds to this.
  private(set) var remarks: [UInt64: String] = [:]

  /// A window shows what each receiver asked for.
  var keepsRequests = false
  /// What each receiver has asked for, of the first receivers that ask.
  private(set) var asked: [UInt64: ChunkMap] = [:]

  private mutating func note(_ nack: Nack, chunkCount: UInt64) {
    guard keepsRequests, !nack.isRest,
      asked[nack.receiverID] != nil || asked.count < SendingSample.receiverLimit
    else { return }
    for range in nack.missingRanges {
      let first = min(chunkCount, UInt64(range.first))
      let end = min(chunkCount, UInt64(range.first) + UInt64(range.count))
      asked[nack.receiverID, default: ChunkMap(capacity: chunkCount)].insert(first..<end)
    }
  }

  /// `chunkCount`: of the set.
  mutating func note(_ message: ControlMessage, chunkCount: UInt64, from address: () -> String?) {
    switch message {
    case .join(let join) where addresses.count < Self.limit: addresses[join.receiverID] = address()
    case .nack(let nack): note(nack, chunkCount: chunkCount)
    case .complete(let complete) where complete.status == .whole && !complete.text.isEmpty:
      guard remarks.count < Self.limit else { return }
      remarks[complete.receiverID] = complete.text
    default: break
    }
  }
}
