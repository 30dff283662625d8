import Impairment
import Simulation
import Testing

@Suite struct EventQueueTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func eventsComeByTimeAndThenInTheOrderTheyWerePut(seed: UInt64) {
    var generator = Xoshiro256StarStar(seed: seed)
    var queue = EventQueue<Int>()
    let times = (0..<3_000).map { _ in UInt64.random(in: 0..<500, using: &generator) }
    for (index, time) in times.enumerated() { queue.push(index, at: time) }
    var taken: [Int] = []
    while let next = queue.pop() {
      #expect(next.timeNanoseconds == times[next.event])
      taken.append(next.event)
    }
    let expected = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    #expect(taken == expected)
  }

  @Test func slotsAreUsedAgain() {
    var queue = EventQueue<UInt64>()
    for round in UInt64(0)..<1_000 {
      queue.push(round, at: round)
      queue.push(round + 1, at: round + 1)
      let next = queue.pop()
      #expect(next?.event == next?.timeNanoseconds)
      if round % 2 == 1 { _ = queue.pop() }
    }
    #expect(queue.highWaterCount <= 502)
  }

  @Test func anEmptyQueueHasNothing() {
    var queue = EventQueue<Int>()
    #expect(queue.pop() == nil)
    #expect(queue.nextTimeNanoseconds == nil)
    queue.push(1, at: 9)
    #expect(queue.nextTimeNanoseconds == 9)
  }
}
