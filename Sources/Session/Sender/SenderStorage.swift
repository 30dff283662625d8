import Ground
import Wire

/// What a receiver says of its disk, Specs/chunked-udp.md §6.15.
struct PeerStorage: Sendable {
  /// A receiver whose disk was full for this long in all is left behind, so that every session ends.
  static let limit: Nanoseconds = .seconds(3_600)

  /// What the disk lacks for the rest of the set; 0: it is not full.
  private(set) var missingKibibytes: UInt32 = 0
  private var fullSince = Instant.zero
  private var fullBefore: Nanoseconds = 0

  var isFull: Bool { missingKibibytes > 0 }

  /// How long the disk has been full so far.
  func fullTime(now: Instant) -> Nanoseconds { fullBefore + (isFull ? now - fullSince : 0) }

  /// A report. Returns how long the disk was full, when it has room again.
  mutating func note(_ report: Report, now: Instant) -> Nanoseconds? {
    let time = now - fullSince
    defer { missingKibibytes = report.missingKibibytes }
    switch (isFull, report.missingKibibytes > 0) {
    case (false, true): fullSince = now
    case (true, false):
      fullBefore += time
      return time
    case (true, true), (false, false): break
    }
    return nil
  }
}

extension SenderPeer {
  /// Its disk is full: it lacks this many KiB; 0: it stores what comes.
  package var missingKibibytes: UInt32 { storage.missingKibibytes }
}

extension PeerTable {
  /// Nobody is left who could store a chunk.
  var areAllFull: Bool { fullCount > 0 && fullCount == underWayCount }

  mutating func countFull() { fullCount = indices.count { self[$0].isUnderWay && self[$0].storage.isFull } }
}

extension SenderSession {
  /// A report was taken. `wasFull`: the receiver's disk, before it.
  mutating func noteStorage(of index: Int, wasFull: Bool) {
    guard wasFull != peers[index].storage.isFull else { return }
    peers.countFull()
    line.note(
      .storage(receiverID: peers[index].receiverID, missingKibibytes: peers[index].missingKibibytes))
  }
}
