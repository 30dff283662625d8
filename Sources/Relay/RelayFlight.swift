import Ground
import HeapModule

/// Copies of datagrams on their way through a relay, by the time of their delivery.
struct RelayFlight {
  struct Copy {
    var flow: RelayFlow
    var isToTarget: Bool
    var bytes: [UInt8]
    /// The ECN field with which it leaves.
    var congestionField: UInt8 = 0
  }

  private struct Entry: Comparable {
    var at: Instant
    /// Of equal times the earlier one is first.
    var order: UInt64
    var copy: Copy

    static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    static func < (a: Entry, b: Entry) -> Bool { (a.at, a.order) < (b.at, b.order) }
  }

  /// A delay of a second at 500 Mb/s.
  static let byteLimit = 64 << 20

  private var heap = Heap<Entry>()
  private var order: UInt64 = 0
  private var byteCount = 0

  /// When the next one is due.
  var nextAt: Instant { heap.min?.at ?? .never }

  /// False when there is no room for it.
  mutating func insert(_ copy: Copy, at: Instant) -> Bool {
    guard byteCount + copy.bytes.count <= Self.byteLimit else { return false }
    byteCount += copy.bytes.count
    heap.insert(Entry(at: at, order: order, copy: copy))
    order += 1
    return true
  }

  /// One that is due; nil when none is.
  mutating func takeDue(now: Instant) -> Copy? {
    guard let next = heap.min, next.at <= now else { return nil }
    heap.removeMin()
    byteCount -= next.copy.bytes.count
    return next.copy
  }
}
