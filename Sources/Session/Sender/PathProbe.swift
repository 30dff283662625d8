package import Wire

/// A size of datagram that a session could have, and the set's numbers at this size.
package struct PathCandidate: Equatable, Sendable {
  /// The announce as it is sent, but for its time stamp, GRTT, group size and padding.
  package var announce: Announce
  package var shape: SetShape { announce.shape }

  package init(announce: Announce) { self.announce = announce }

  /// Bytes of UDP payload in a full datagram.
  package var datagramByteCount: Int { shape.chunkByteCount + DataHeader.byteCount }
}

/// Finds the size of datagram that the path to one receiver carries, by probing as in RFC 8899,
/// Specs/chunked-udp.md §6.9. Announces are padded to the sizes that the sender would like, and each join
/// states the largest that arrived.
///
/// While no receiver answers, only the largest size is tried, so that a path that carries it costs nothing
/// more. Plain announces follow from the third round on. A receiver that hears only these is behind a
/// narrower path, and the search begins.
struct PathProbe: Sendable {
  enum Verdict: Equatable {
    /// No size has been answered in full yet; `isNew`: the search begins with this answer.
    case searching(isNew: Bool)
    case settled(PathCandidate)
    /// Announces without padding arrive, and those of the smallest size never do.
    case tooNarrow(datagramByteCount: Int)
  }

  private struct Size: Sendable {
    var candidate: PathCandidate
    var isSent = false
    /// Rounds with this size of which an announce arrived, and not the one of this size.
    var missedCount = 0
  }

  /// Rounds that have only an announce of the largest size.
  private static let paddedRounds = 2
  /// Misses after which a size is given up for a smaller one; RFC 8899's MAX_PROBES is 3. At 30 % loss less
  /// than one size in a hundred is given up wrongly. A burst that loses whole rounds is no miss.
  private static let missesForSmaller = 4
  /// Misses after which the smallest size is given up, and the session with it. At 30 % loss this is wrong
  /// once in 170,000 cases.
  private static let missesOfSmallest = 10

  /// Whether the values of the announces may still change: there is more than one size to choose from.
  let isProvisional: Bool
  /// From the largest to the smallest; never empty.
  private var sizes: [Size]
  /// The largest size that came; nil while none has.
  private(set) var arrived: PathCandidate?
  private(set) var isSearching = false
  private var roundCount = 0
  /// When the newest round began, by the clock of time stamps; nil once an answer to it was counted.
  private var openRound: UInt32?
  /// Lengths of the announces that are left of this round, the next one last.
  private var due: [Int] = []

  /// `candidates` from the largest to the smallest; nil when there is none.
  init?(_ candidates: [PathCandidate]) {
    guard !candidates.isEmpty else { return nil }
    sizes = candidates.map { Size(candidate: $0) }
    isProvisional = candidates.count > 1
  }

  /// The length of the next announce, bytes of UDP payload, and whether it is the last of its round.
  mutating func next(timestamp: UInt32) -> (byteCount: Int, isLast: Bool) {
    if due.isEmpty {
      beginRound()
      openRound = timestamp
    }
    let byteCount = due.popLast() ?? Announce.minByteCount
    if let index = sizes.firstIndex(where: { $0.candidate.datagramByteCount == byteCount }) {
      sizes[index].isSent = true
    }
    return (byteCount, due.isEmpty)
  }

  private mutating func beginRound() {
    defer { roundCount += 1 }
    let plain = isSearching || roundCount >= Self.paddedRounds ? [Announce.minByteCount] : []
    due = plain + (isSearching ? tried : [largest]).reversed().map(\.datagramByteCount)
  }

  /// The sizes of a round of the search, from the largest to the smallest.
  private var tried: [PathCandidate] {
    let open = unanswered.filter { $0.missedCount < Self.missesForSmaller }.map(\.candidate)
    // Without an answer the smallest size is tried further, because it decides about the session.
    return open.isEmpty && arrived == nil ? sizes.suffix(1).map(\.candidate) : open
  }

  private var largest: PathCandidate { sizes[0].candidate }
  private var unanswered: ArraySlice<Size> {
    sizes.prefix { $0.candidate.datagramByteCount > arrived?.datagramByteCount ?? 0 }
  }

  /// A join came. No more is believed to have arrived than was sent.
  mutating func handle(_ join: Join) -> Verdict {
    let isNew = !isSearching
    if let one = sizes.first(where: {
      $0.isSent && $0.candidate.datagramByteCount <= Int(join.largestAnnounceByteCount)
    })?.candidate, one.datagramByteCount > arrived?.datagramByteCount ?? 0 {
      arrived = one
    }
    countMisses(join)
    isSearching = true
    if let arrived, unanswered.allSatisfy({ $0.missedCount >= Self.missesForSmaller }) {
      return .settled(arrived)
    }
    if arrived == nil, let smallest = sizes.last, smallest.missedCount >= Self.missesOfSmallest {
      return .tooNarrow(datagramByteCount: smallest.candidate.datagramByteCount)
    }
    return .searching(isNew: isNew)
  }

  /// Takes the join's answer to an announce of the newest round, once. The announces of this round that are
  /// larger than the largest that arrived are missed. Larger ones are sent first in a round, so they are not
  /// merely later than the answered one.
  private mutating func countMisses(_ join: Join) {
    guard let began = openRound, due.isEmpty, Int32(bitPattern: join.echoedTimestamp &- began) >= 0 else {
      return
    }
    openRound = nil
    let missed = Set((isSearching ? tried : [largest]).map(\.datagramByteCount))
    for index in unanswered.indices where missed.contains(sizes[index].candidate.datagramByteCount) {
      sizes[index].missedCount += 1
    }
  }

  /// The smallest size, for the words of an end.
  var smallestByteCount: Int { sizes[sizes.count - 1].candidate.datagramByteCount }

  /// The owner's host has learned that the path carries no more than this size. False when no size is left.
  mutating func limit(to candidate: PathCandidate) -> Bool {
    let byteCount = candidate.datagramByteCount
    guard largest.datagramByteCount > byteCount else { return true }
    guard isProvisional else { return false }
    sizes.removeAll { $0.candidate.datagramByteCount > byteCount }
    if sizes.first?.candidate.datagramByteCount != byteCount {
      sizes.insert(Size(candidate: candidate), at: 0)
    }
    if let arrived, arrived.datagramByteCount > byteCount { self.arrived = nil }
    due = []
    openRound = nil
    return true
  }
}
