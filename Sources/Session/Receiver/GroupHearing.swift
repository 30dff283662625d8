package import Ground

/// Whether the chunks of a group reach this receiver, Specs/chunked-udp.md §6.14. Its announces and ends are
/// small and seldom. A network that drops the chunks may carry these: a filter of large packets, a Wi-Fi that
/// sends multicast slowly, a switch that lost the membership. Then hardly any of the packet numbers between
/// two announces arrives.
package struct GroupHearing: Sendable {
  /// What a receiver has heard of a session so far.
  package struct Heard: Sendable {
    /// The highest packet number.
    package var packet: UInt64
    /// Datagrams, each packet number once; and those of them without a chunk or symbol.
    package var datagrams: UInt64
    package var messages: UInt64

    package init(packet: UInt64, datagrams: UInt64, messages: UInt64) {
      self.packet = packet
      self.datagrams = datagrams
      self.messages = messages
    }
  }

  /// What did not arrive in the time that was looked at.
  package struct Finding: Equatable, Sendable {
    package var missing: UInt64
    package var arrived: UInt64
    package var nanoseconds: Nanoseconds

    package init(missing: UInt64, arrived: UInt64, nanoseconds: Nanoseconds) {
      self.missing = missing
      self.arrived = arrived
      self.nanoseconds = nanoseconds
    }
  }

  /// Chunks come so seldom for this time, at least, before this is said.
  private static let leastNanoseconds: Nanoseconds = .milliseconds(1_500)
  /// Announces come each 500 ms. When two in a row are missing, nothing at all arrived for a while: that is
  /// an outage, and not a network that drops chunks alone.
  private static let longestGap: Nanoseconds = .milliseconds(1_100)
  /// Packet numbers that must be missing. At 60 % loss all of them are lost once in 10^14 cases.
  private static let missingCount: UInt64 = 64
  /// Of a small set, once all of it was sent: its chunks, and these repairs.
  private static let repairCount: UInt64 = 4
  /// One chunk that arrives for so many missing packets shows that chunks get through.
  private static let arrivingShare: UInt64 = 16
  /// So do more chunks than these, however many are missing: the path is narrow then, and not blocked. By
  /// unicast it would be as narrow.
  private static let arrivingCount: UInt64 = 16
  /// A sender that waits for receivers sends announces alone. When so many were looked at, and fewer than
  /// they are missing, these may have been announces as well.
  private static let messageCount: UInt64 = 64

  private var since: (heard: Heard, at: Instant)?
  private var isTailKnown = false
  private var lookedAtCount: UInt64 = 0
  private var heardAt = Instant.zero

  package init() {}

  /// An announce or an *end* arrived. Returns what is missing when the chunks do not get through.
  package mutating func note(
    _ heard: Heard, isEnd: Bool, chunkCount: UInt64, now: Instant
  ) -> Finding? {
    let isAfterGap = now - heardAt > Self.longestGap
    heardAt = now
    isTailKnown = isTailKnown || isEnd
    guard let since, !isAfterGap, heard.packet >= since.heard.packet else {
      begin(heard, now: now)
      return nil
    }
    lookedAtCount += 1
    let span = heard.packet - since.heard.packet
    let datagrams = heard.datagrams - min(since.heard.datagrams, heard.datagrams)
    let messages = heard.messages - min(since.heard.messages, heard.messages)
    let missing = span - min(datagrams, span)
    let arrived = datagrams - min(messages, datagrams)
    let isArriving = missing == 0 || arrived > min(missing / Self.arrivingShare, Self.arrivingCount)
    let mayBeWaiting = !isTailKnown && lookedAtCount >= Self.messageCount && missing <= lookedAtCount
    guard !isArriving, !mayBeWaiting else {
      begin(heard, now: now)
      return nil
    }
    let needed =
      isTailKnown ? min(Self.missingCount, chunkCount + Self.repairCount) : Self.missingCount
    guard missing >= needed, now - since.at >= Self.leastNanoseconds else { return nil }
    return Finding(missing: missing, arrived: arrived, nanoseconds: now - since.at)
  }

  private mutating func begin(_ heard: Heard, now: Instant) {
    since = (heard, now)
    lookedAtCount = 0
  }

  /// Time in which this process could hear nothing.
  package mutating func restart() { since = nil }
}
