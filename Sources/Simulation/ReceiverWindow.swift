import Ground

/// What arrives at the receivers in a window of time in which nothing that they send can reach the sender. It
/// is all known before, so that one receiver after the other lives through the whole window, and its state is
/// read from memory once.
struct ReceiverWindow: Sendable {
  /// A datagram that reaches one receiver.
  struct Single: Sendable {
    var timeNanoseconds: UInt64
    var order: Int
    var receiver: Int
    /// It comes marked "congestion experienced".
    var isMarked: Bool
    var datagram: SimulatedDatagram
  }

  private(set) var lastNanoseconds: UInt64 = 0
  /// The datagrams that reach several receivers at one time, and of each the time and its place among all
  /// arrivals of the window.
  private(set) var shared: [SimulatedDatagram] = []
  private(set) var sharedTimes: [UInt64] = []
  private(set) var sharedOrders: [Int] = []
  /// Whether each comes marked.
  private(set) var sharedMarks: [Bool] = []
  /// And its receivers: receiver i is bit i % 64 of word i / 64.
  private var bits: [UInt64] = []
  /// Of each part of the receivers.
  private(set) var singles: [[Single]]
  private let wordCount: Int
  private let receiversPerShard: Int
  private var order = 0

  init(receiverCount: Int, receiversPerShard: Int) {
    wordCount = (receiverCount + 63) / 64
    self.receiversPerShard = receiversPerShard
    singles = Array(repeating: [], count: (receiverCount + receiversPerShard - 1) / receiversPerShard)
  }

  /// An empty window up to this time, which is its last one.
  mutating func begin(through timeNanoseconds: UInt64) {
    lastNanoseconds = timeNanoseconds
    shared.removeAll(keepingCapacity: true)
    sharedTimes.removeAll(keepingCapacity: true)
    sharedOrders.removeAll(keepingCapacity: true)
    sharedMarks.removeAll(keepingCapacity: true)
    bits.removeAll(keepingCapacity: true)
    for shard in singles.indices { singles[shard].removeAll(keepingCapacity: true) }
    order = 0
  }

  mutating func add(
    _ datagram: SimulatedDatagram, isMarked: Bool, at timeNanoseconds: UInt64, receivers: [UInt64]
  ) {
    shared.append(datagram)
    sharedTimes.append(timeNanoseconds)
    sharedOrders.append(order)
    sharedMarks.append(isMarked)
    bits.append(contentsOf: receivers)
    order += 1
  }

  mutating func add(
    _ datagram: SimulatedDatagram, isMarked: Bool, at timeNanoseconds: UInt64, receiver: Int
  ) {
    singles[receiver / receiversPerShard].append(
      Single(
        timeNanoseconds: timeNanoseconds, order: order, receiver: receiver, isMarked: isMarked,
        datagram: datagram))
    order += 1
  }

  /// The first datagram in `shared` from this position on that reaches this receiver; the count if none does.
  func next(from position: Int, receiver: Int) -> Int {
    let mask: UInt64 = 1 << UInt64(receiver & 63)
    var position = position
    var word = position * wordCount + receiver >> 6
    while position < shared.count, bits[word] & mask == 0 {
      position += 1
      word += wordCount
    }
    return position
  }
}
