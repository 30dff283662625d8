import Ground
import Wire

/// Whether a sender lets routers mark its datagrams "congestion experienced" (RFC 3168) in place of dropping
/// them, Specs/chunked-udp.md §6.16. Once it has stopped for a reason, it does not begin again.
struct CongestionMarking: Sendable {
  private enum State: Sendable {
    case awaited
    /// From this packet on.
    case on(from: UInt64)
    case stopped
  }

  /// Times in a row that the whole path was silent while datagrams said so: something drops them.
  private static let silenceCount = 2
  private var state = State.awaited
  private var silences = 0
  /// The newest packet that a receiver saw.
  private var newestPacket: UInt64 = 0

  var isOn: Bool { if case .on = state { true } else { false } }

  /// Data are about to flow. Every receiver that is known counts marks, or none is made.
  mutating func begin(_ peers: PeerTable, nextPacket: UInt64) {
    guard case .awaited = state, peers.underWayCount > 0 else { return }
    let areCounted = peers.indices.allSatisfy { !peers[$0].isUnderWay || peers[$0].marks.areCounted }
    state = areCounted ? .on(from: nextPacket) : .stopped
  }

  /// A receiver counts no marks, or not as they are, or the path marks whatever comes.
  mutating func stop() { state = .stopped }

  /// A receiver, of which datagrams are in flight, was silent. `isPath`: all others were silent as well. One
  /// that has seen no such datagram may be where they are dropped.
  mutating func noteSilence(of peer: SenderPeer, isPath: Bool) {
    guard case .on(let first) = state else { return }
    if isPath { silences += 1 }
    if silences >= Self.silenceCount || peer.highestPacket ?? 0 < first { state = .stopped }
  }

  /// A report about datagrams that may be marked. True when it shows that marks, which have lowered the rate,
  /// mean nothing.
  mutating func note(_ report: Report, from peer: inout SenderPeer, now: Instant) -> Bool {
    guard isOn else { return false }
    if let highest = peer.highestPacket, highest > newestPacket { (newestPacket, silences) = (highest, 0) }
    if report.countsMarks, peer.marks.note(report, now: now), !peer.marks.areEverywhere(now: now) {
      return false
    }
    stop()
    return peer.marks.count > 0
  }

  /// The facts for the controller: without marks that are not believed any more.
  func heed(_ sample: RateSample) -> RateSample {
    guard !isOn, sample.markedCount > 0 else { return sample }
    var sample = sample
    sample.markedCount = 0
    return sample
  }
}

/// The marks that one receiver reports. Its numbers are not believed when they cannot be.
package struct PeerMarks: Sendable {
  /// With so many marks and hardly a datagram without one the path marks whatever comes, or the receiver
  /// lies: nobody learns anything from them. The sender has had the time to slow down.
  private static let everywhere: (count: UInt64, of16: UInt64, time: Nanoseconds) = (256, 15, .seconds(2))

  /// It counts marks: its join says so.
  var areCounted = false
  /// Datagrams that came marked.
  package private(set) var count: UInt64 = 0
  private var taken: UInt64 = 0
  /// The report with the first mark: its time, and the datagrams before it.
  private var first: (at: Instant, datagrams: UInt64)?
  private var reported: (marks: UInt32, datagrams: UInt64) = (0, 0)

  /// False when more marks came than datagrams. A report that was overtaken says nothing new.
  mutating func note(_ report: Report, now: Instant) -> Bool {
    guard report.receivedDatagramCount >= reported.datagrams else { return true }
    let marks = UInt64(report.congestionMarkCount &- reported.marks)
    guard marks <= report.receivedDatagramCount - reported.datagrams else { return false }
    if marks > 0, first == nil { first = (now, reported.datagrams) }
    reported = (report.congestionMarkCount, report.receivedDatagramCount)
    count += marks
    return true
  }

  func areEverywhere(now: Instant) -> Bool {
    guard let first, now - first.at >= Self.everywhere.time else { return false }
    let datagrams = reported.datagrams - first.datagrams
    return count >= Self.everywhere.count && count / Self.everywhere.of16 >= datagrams / 16
  }

  /// The marks since the last time.
  mutating func take() -> UInt64 {
    defer { taken = count }
    return count - taken
  }
}
