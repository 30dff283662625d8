import Ground
import Session
import Testing

@Suite struct TimerTableTests {
  private enum Name: Int, CaseIterable, Sendable { case a, b }

  @Test func theEarliestIsTheDeadline() {
    var timers = TimerTable<Name>()
    #expect(timers.earliest == .never && !timers.isDue(.a, now: Instant(nanoseconds: 1)))
    timers[.a] = Instant(nanoseconds: 20)
    timers[.b] = Instant(nanoseconds: 10)
    #expect(timers.earliest == Instant(nanoseconds: 10))
    #expect(timers.earliest(except: .b) == Instant(nanoseconds: 20))
    #expect(
      timers.isDue(.b, now: Instant(nanoseconds: 10)) && !timers.isDue(.a, now: Instant(nanoseconds: 19)))
    timers.disarm(.b)
    #expect(timers.earliest == Instant(nanoseconds: 20))
    timers.disarmAll()
    #expect(timers.earliest == .never)
  }
}
