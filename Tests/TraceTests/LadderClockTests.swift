import Testing
import Trace

struct LadderClockTests {
  private func clock(fastestThere: Double?, fastestBack: Double?) -> LadderClock {
    var clock = LadderClock()
    if let fastestThere { clock.addThere(sent: 10, arrived: 10 + fastestThere) }
    if let fastestBack { clock.addBack(sent: 20, arrived: 20 + fastestBack) }
    // Slower datagrams say nothing.
    if let fastestThere { clock.addThere(sent: 11, arrived: 15 + fastestThere) }
    return clock
  }

  @Test(
    arguments: [
      (1_001, -999, nil, 1_000),  // both directions are taken to be equally fast
      (1_020, -980, 985, 985),  // one way is slower: the times of day know it
      (1_020, -980, 979.5, 980),  // within their error: the bound
      (1_020, -980, 500, 1_000),  // hosts whose times of day differ
      (1_001, -999.5, 999.8, 1_000.25),  // bounds closer than the times of day
      (1_001, nil, nil, 1_001), (nil, -999, nil, 999), (nil, nil, nil, 0), (1_001, nil, 900, 900),
      (nil, nil, 42, 42),
    ] as [(Double?, Double?, Double?, Double)])
  func theDifferenceLiesBetweenTheFastestDatagrams(
    there: Double?, back: Double?, wall: Double?, ahead: Double
  ) {
    #expect(clock(fastestThere: there, fastestBack: back).ahead(wallClock: wall) == ahead)
  }
}
