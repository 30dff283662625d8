import Ground
import Wire

/// A sender to which nothing comes back: it announces, sends the set in rounds, and says *end*,
/// Specs/chunked-udp.md §6.12.
struct SenderCirculating: Sendable {
  /// A receiver that waits has the announce before the first chunk, unless all of these are lost.
  private static let firstAnnounces: (count: Int, interval: Nanoseconds) = (3, .milliseconds(50))
  /// Between two announces, at most. A receiver can start at any time.
  private static let announceNanoseconds: Nanoseconds = .milliseconds(250)
  private static let ends: (count: Int, interval: Nanoseconds) = (3, .milliseconds(50))

  private enum Stage: Sendable {
    /// Announces that leave before the first chunk.
    case announcing(left: Int)
    case sending
    /// *End* datagrams that leave behind the last round.
    case ending(left: Int)
  }

  private var stage = Stage.announcing(left: firstAnnounces.count)
  private(set) var carousel: Carousel
  /// Nil: until the owner cancels the session.
  private let roundCount: UInt64?
  private var announceAt: Instant
  private var isSpanAnnounced = false
  private var endAt = Instant.never

  init(_ configuration: SenderMachine.Configuration, now: Instant) {
    let announce = configuration.candidates[0].announce
    carousel = Carousel(
      announce.shape, BlockGeometry(announce), symbolShare: configuration.fixedParityShare)
    roundCount = configuration.roundCount
    announceAt = now
  }

  var phase: SenderMachine.Phase {
    switch stage {
    case .announcing: .announcing
    case .sending: .sending
    case .ending: .ending
    }
  }

  /// The last *end* has left.
  var isOver: Bool { if case .ending(left: 0) = stage { true } else { false } }

  func deadline(_ session: SenderSession) -> Instant {
    switch stage {
    case .announcing: announceAt
    case .sending: min(announceAt, session.pace.nextTrainAt)
    case .ending: endAt
    }
  }

  // MARK: What leaves

  mutating func takeNext(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    switch stage {
    case .announcing(let left):
      guard announceAt <= now else { return nil }
      guard left > 0 else {
        stage = .sending
        session.pace.begin(session.peers, nextPacket: session.line.ledger.nextPacket, now: now)
        session.line.note(.started)
        return takeSending(&session, now: now)
      }
      stage = .announcing(left: left - 1)
      announceAt = now + Self.firstAnnounces.interval
      return session.announce(session.candidate.announce, now: now)
    case .sending: return takeSending(&session, now: now)
    case .ending(let left): return takeEnd(left: left, &session, now: now)
    }
  }

  private mutating func takeSending(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    guard min(announceAt, session.pace.nextTrainAt) <= now else { return nil }
    if let roundCount, carousel.round >= roundCount {
      guard session.pace.nextTrainAt <= now else { return nil }
      stage = .ending(left: Self.ends.count)
      endAt = now
      return takeEnd(left: Self.ends.count, &session, now: now)
    }
    let isSpanDue = carousel.isAtSpanStart && !isSpanAnnounced
    if announceAt <= now || isSpanDue {
      isSpanAnnounced = carousel.isAtSpanStart
      announceAt = now + Self.announceNanoseconds
      return session.announce(session.candidate.announce, now: now)
    }
    guard session.pace.nextTrainAt <= now else { return nil }
    isSpanAnnounced = false
    let cargo = carousel.take(maximumCount: session.pace.trainDatagramLimit(session.peers))
    session.roundsSent = carousel.round
    return session.send(cargo, now: now)
  }

  private mutating func takeEnd(
    left: Int, _ session: inout SenderSession, now: Instant
  ) -> SenderTransmission? {
    guard endAt <= now, left > 0 else { return nil }
    stage = .ending(left: left - 1)
    endAt = now + Self.ends.interval
    session.line.counters.endsSent += 1
    return session.line.control(
      .end(
        End(
          round: UInt32(Self.ends.count - left), timestamp: now.timestamp,
          totalChunkCount: session.chunks.chunkCount,
          grttCode: GrttCode(nanoseconds: session.peers.grttNanoseconds))), now: now)
  }
}
