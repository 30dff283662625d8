import Ground
import Session
import Testing

@Suite struct ReorderingWindowTests {
  private static let grtt: Nanoseconds = .milliseconds(10)
  private static let grain = PacketLedger.grainNanoseconds

  /// A window that has seen enough gaps, all lost.
  private static func learnt() -> ReorderingWindow {
    var window = ReorderingWindow()
    window.noteLosses(ReorderingWindow.learningGapCount, grtt: grtt, now: .zero)
    return window
  }

  /// RFC 8985 §6.2: a quarter of the round trip until something is known; on a short path a time that timers
  /// can keep.
  @Test(arguments: [(0, 5), (10, 5), (20, 5), (80, 20), (400, 100)] as [(UInt64, UInt64)])
  func beforeThePathIsKnown(grttMilliseconds: UInt64, expectedMilliseconds: UInt64) {
    let window = ReorderingWindow()
    #expect(
      window.nanoseconds(grtt: .milliseconds(grttMilliseconds)) == .milliseconds(expectedMilliseconds))
  }

  @Test func aPathThatKeepsItsOrderHasNone() {
    var window = ReorderingWindow()
    window.noteLosses(ReorderingWindow.learningGapCount - 1, grtt: Self.grtt, now: .zero)
    #expect(window.nanoseconds(grtt: Self.grtt) == ReorderingWindow.firstNanoseconds)
    window.noteLosses(1, grtt: Self.grtt, now: .zero)
    #expect(window.nanoseconds(grtt: Self.grtt) == 0)
  }

  /// One packet that is hardly late does not tell how late others will be.
  @Test func theFirstLatePacketDoesNotEndTheLearning() {
    var window = ReorderingWindow()
    window.noteLate(by: .milliseconds(1))
    #expect(window.nanoseconds(grtt: Self.grtt) == ReorderingWindow.firstNanoseconds)
    window.noteLate(by: .milliseconds(4))
    #expect(window.nanoseconds(grtt: Self.grtt) == .milliseconds(8) + Self.grain)
  }

  @Test func isTwiceTheLatest() {
    var window = Self.learnt()
    window.noteLate(by: .milliseconds(3))
    window.noteLate(by: .milliseconds(1))
    #expect(window.nanoseconds(grtt: Self.grtt) == .milliseconds(6) + Self.grain)
    window.noteLate(by: ReorderingWindow.longestNanoseconds)
    #expect(window.nanoseconds(grtt: Self.grtt) == .milliseconds(6) + Self.grain, "held, not reordered")
  }

  /// RFC 8985 §6.2: forgotten after 16 recoveries without its like; here after 16 to 32.
  @Test func isForgottenWhenThePathKeepsItsOrderAgain() {
    var window = Self.learnt()
    window.noteLate(by: .milliseconds(3))
    var now = Instant.zero
    var recoveries = 0
    while window.nanoseconds(grtt: Self.grtt) > 0, recoveries < 100 {
      now = now + .seconds(1)
      window.noteLosses(3, grtt: Self.grtt, now: now)
      recoveries += 1
    }
    #expect((16...32).contains(recoveries))
  }

  @Test func isKeptAsLongAsItGoesOn() {
    var window = Self.learnt()
    for second in 1...200 as ClosedRange<UInt64> {
      if second % 16 == 1 { window.noteLate(by: .milliseconds(3)) }
      window.noteLosses(1, grtt: Self.grtt, now: Instant(nanoseconds: second * 1_000_000_000))
      #expect(window.nanoseconds(grtt: Self.grtt) == .milliseconds(6) + Self.grain)
    }
  }

  /// A burst of losses is one recovery, however many datagrams and batches it takes to see it.
  @Test func lossesOfOneRoundTripAreOneRecovery() {
    var window = Self.learnt()
    window.noteLate(by: .milliseconds(3))
    let start = Instant(nanoseconds: 1_000_000_000)
    for step in 0..<100 as Range<UInt64> {
      window.noteLosses(5, grtt: Self.grtt, now: start + step * .microseconds(150))
    }
    #expect(window.nanoseconds(grtt: Self.grtt) > 0)
  }
}
