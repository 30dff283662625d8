import Ground
import Session
import Testing

/// The group's own clock, and the time by which a member is behind.
@Suite struct GroupProgressTests {
  private static func at(_ milliseconds: UInt64) -> Instant { .zero + .milliseconds(milliseconds) }

  /// 100 chunks each 100 ms.
  private static func progress(of count: UInt64, total: UInt64 = 10_000) -> GroupProgress {
    var progress = GroupProgress(now: .zero)
    for step in 1...count {
      progress.note(chunksHeld: step * 100, isDone: step * 100 >= total, now: at(step * 100))
    }
    return progress
  }

  @Test(
    arguments: [(1_000, 0), (900, 0), (899, 100), (500, 400), (100, 800), (0, 900)] as [(UInt64, UInt64)])
  func aMemberIsBehindByTheTimeSinceTheGroupHeldMore(chunksHeld: UInt64, milliseconds: UInt64) {
    #expect(Self.progress(of: 10).timeBehind(chunksHeld: chunksHeld) == .milliseconds(milliseconds))
  }

  @Test func nobodyIsBehindWhileTheGroupHasNothing() {
    var progress = GroupProgress(now: .zero)
    progress.note(chunksHeld: 0, isDone: false, now: Self.at(5_000))
    #expect(progress.clock == 0 && progress.timeBehind(chunksHeld: 0) == 0)
  }

  /// An outage of a minute, or a sender that was stopped for a minute, counts for two seconds.
  @Test func theClockStopsWithTheGroup() {
    var progress = Self.progress(of: 10)
    progress.note(chunksHeld: 1_000, isDone: false, now: Self.at(30_000))
    #expect(progress.clock == .seconds(1))
    progress.note(chunksHeld: 1_100, isDone: false, now: Self.at(61_000))
    #expect(progress.clock == .seconds(3))
    #expect(progress.timeBehind(chunksHeld: 1_000) == 0)
  }

  /// Then there is nothing left by which the group could progress.
  @Test func theClockRunsOnWhenTheGroupHasEverything() {
    var progress = Self.progress(of: 10, total: 1_000)
    for second in 2...12 as ClosedRange<UInt64> {
      progress.note(chunksHeld: 1_000, isDone: true, now: Self.at(second * 1_000))
    }
    #expect(progress.timeBehind(chunksHeld: 999) == .seconds(11))
    #expect(progress.timeBehind(chunksHeld: 1_000) == 0)
  }

  /// A session of two hours: the marks are few, and say nearly the same.
  @Test func marksAreThinnedOut() {
    let progress = Self.progress(of: 72_000, total: .max)
    let half = progress.timeBehind(chunksHeld: 3_600_000)
    #expect(half > .seconds(3_570) && half <= .seconds(3_600), "\(half)")
    #expect(MemoryLayout<GroupProgress>.size < 64)
  }
}
