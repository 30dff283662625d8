/// The future events in virtual time: a binary heap ordered by time, and for equal times by the order of
/// insertion, so that a run is repeatable. The heap has three words per event. The events stay in a slab, so
/// that sifting moves no message and touches no reference count.
package struct EventQueue<Event> {
  private struct Key {
    var timeNanoseconds: UInt64
    var sequence: UInt64
    var slot: Int32

    static func < (a: Key, b: Key) -> Bool {
      a.timeNanoseconds != b.timeNanoseconds
        ? a.timeNanoseconds < b.timeNanoseconds : a.sequence < b.sequence
    }
  }

  private var heap: [Key] = []
  private var slab: [Event?] = []
  private var freeSlots: [Int32] = []
  private var nextSequence: UInt64 = 0
  /// The most events that waited at once.
  package private(set) var highWaterCount = 0

  package init() {}

  package var isEmpty: Bool { heap.isEmpty }
  package var count: Int { heap.count }

  /// The time of the next event, nanoseconds; nil if there is none.
  package var nextTimeNanoseconds: UInt64? { heap.first?.timeNanoseconds }

  package mutating func push(_ event: Event, at timeNanoseconds: UInt64) {
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
      slab[Int(free)] = event
    } else {
      slot = Int32(slab.count)
      slab.append(event)
    }
    heap.append(Key(timeNanoseconds: timeNanoseconds, sequence: nextSequence, slot: slot))
    nextSequence += 1
    highWaterCount = max(highWaterCount, heap.count)
    siftUp(heap.count - 1)
  }

  /// Takes the next event out.
  package mutating func pop() -> (timeNanoseconds: UInt64, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    let event = slab[Int(first.slot)].take()
    freeSlots.append(first.slot)
    return event.map { (first.timeNanoseconds, $0) }
  }

  private mutating func siftUp(_ start: Int) {
    let key = heap[start]
    var index = start
    while index > 0 {
      let parent = (index - 1) / 2
      guard key < heap[parent] else { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = key
  }

  private mutating func siftDown() {
    let key = heap[0]
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < key else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = key
  }
}
