package import Ground

/// The facts that one report of a receiver adds to the report before; in a group, the facts of the slowest
/// receiver's reports since the last round (`SenderPace`). All counts are datagrams: the path of a set of
/// small files carries small datagrams, and the model follows.
package struct RateSample: Sendable {
  package var now: Instant
  /// Round trip of the newest datagram, nanoseconds; nil when its time stamp made no sense.
  package var rttNanoseconds: Nanoseconds?
  /// Smallest round trip of the session so far.
  package var minimumRttNanoseconds: Nanoseconds
  /// Datagrams that arrived, small ones included, and their time by the receiver's clock; 0 when nothing new
  /// arrived.
  package var deliveredCount: UInt64
  /// Of them, the ones that came marked "congestion experienced": a queue of the path was full.
  package var markedCount: UInt64
  package var deliveredOverNanoseconds: Nanoseconds
  /// Datagrams with a chunk that were sent under the same packet numbers, and their time by our clock. The
  /// others among them are notices and similar ones. These are so small that they say nothing about the rate
  /// at which a path carries full ones.
  package var sentCount: UInt64
  package var smallCount: UInt64
  package var sentOverNanoseconds: Nanoseconds
  /// How many of them did not arrive.
  package var lostCount: UInt64
  /// Of the lost datagrams, those that the receiver's own socket buffer dropped.
  package var socketDropCount: UInt64
  /// Datagrams sent and not yet reported on.
  package var inFlightCount: UInt64
  /// The sender had nothing to send for a part of this time, so the rate says nothing about the path.
  package var isApplicationLimited: Bool
  /// The sender's host was busy, and some of this left later than the pace allowed.
  package var isSenderLate: Bool
  /// The time between two samples in a group, which the window must cover; 0 in unicast.
  package var feedbackNanoseconds: Nanoseconds
  /// Packet numbers: the newest that arrived, and the next to be sent. A round trip ends when a packet sent
  /// after its beginning arrives.
  package var highestPacket: UInt64
  /// The newest packet that the previous sample knew of. This sample is about the packets after it.
  package var previousPacket: UInt64
  package var nextPacket: UInt64

  package init(
    now: Instant, rttNanoseconds: Nanoseconds?, minimumRttNanoseconds: Nanoseconds, deliveredCount: UInt64,
    markedCount: UInt64 = 0, deliveredOverNanoseconds: Nanoseconds, sentCount: UInt64, smallCount: UInt64,
    sentOverNanoseconds: Nanoseconds, lostCount: UInt64, socketDropCount: UInt64, inFlightCount: UInt64,
    isApplicationLimited: Bool, isSenderLate: Bool = false,
    feedbackNanoseconds: Nanoseconds, highestPacket: UInt64, previousPacket: UInt64, nextPacket: UInt64
  ) {
    self.now = now
    self.rttNanoseconds = rttNanoseconds
    self.minimumRttNanoseconds = minimumRttNanoseconds
    self.deliveredCount = deliveredCount
    self.markedCount = markedCount
    self.deliveredOverNanoseconds = deliveredOverNanoseconds
    self.sentCount = sentCount
    self.smallCount = smallCount
    self.sentOverNanoseconds = sentOverNanoseconds
    self.lostCount = lostCount
    self.socketDropCount = socketDropCount
    self.inFlightCount = inFlightCount
    self.isApplicationLimited = isApplicationLimited
    self.isSenderLate = isSenderLate
    self.feedbackNanoseconds = feedbackNanoseconds
    self.highestPacket = highestPacket
    self.previousPacket = previousPacket
    self.nextPacket = nextPacket
  }

  /// Datagrams with a chunk among those sent, 0...1.
  private var chunkShare: Double {
    sentCount == 0 ? 0 : Double(sentCount) / (Double(sentCount) + Double(smallCount))
  }

  /// Datagrams with a chunk per second that arrived. No more than were sent, because bunched arrivals would
  /// raise the number. Of the small ones only `randomLoss` is missing, 0...1, because they pass where a full
  /// queue drops full datagrams.
  package func deliveriesPerSecond(randomLoss: Double) -> Double? {
    let over = max(deliveredOverNanoseconds, sentOverNanoseconds)
    let delivered = Double(deliveredCount) - Double(smallCount) * (1 - randomLoss)
    guard delivered > 0, over > 0 else { return nil }
    return delivered * 1e9 / Double(over)
  }

  /// Datagrams per second that were sent.
  package var sendsPerSecond: Double? {
    sentOverNanoseconds > 0 ? Double(sentCount) * 1e9 / Double(sentOverNanoseconds) : nil
  }

  /// They arrived much more slowly than they were sent, so a queue grew.
  var isHeldUp: Bool {
    sentCount >= 16 && Double(sentOverNanoseconds) < 0.8 * Double(deliveredOverNanoseconds)
  }

  /// A quarter of them or more came marked: a queue has grown, whoever made it.
  var areManyMarked: Bool { markedCount > 0 && markedCount >= deliveredCount / 4 }

  /// A host that was late sends a few datagrams close together. Some marks then say nothing of the path.
  var areMarksOfPath: Bool { markedCount > 0 && (!isSenderLate || areManyMarked) }

  /// The part of the sent datagrams that arrived at the pace at which they were sent, 0...1. Loss and a
  /// growing queue lower it. Nil when nothing was sent.
  package var carriedFraction: Double? {
    guard sentCount > 0 else { return nil }
    let over = max(deliveredOverNanoseconds, sentOverNanoseconds)
    let pace = over > 0 ? Double(sentOverNanoseconds) / Double(over) : 1
    return min(1, Double(deliveredCount) * chunkShare / Double(sentCount)) * pace
  }
}
