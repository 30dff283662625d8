/// Why a link delivered no copy of a datagram.
package enum DropCause: UInt8, Sendable, CaseIterable {
  /// Lost by the ``LossModel``.
  case randomLoss
  /// Named by a ``DropRule``, or within an ``Impairment/Outage``.
  case listed
  /// The bottleneck's buffer was full.
  case queueOverflow
}

/// One copy of a datagram, to be handed over later.
package struct Delivery: Equatable, Sendable {
  /// From the `now` of the call to the hand-over.
  package var delayNanoseconds: UInt64
  /// The bit that is flipped on the way: bit 7 − i % 8 of byte i / 8. Nil for a copy without damage.
  package var flippedBitIndex: Int?
  /// The copy ends after this many bytes: at least 1, and fewer than the datagram had. Nil for a whole copy.
  package var truncatedByteCount: Int?
  /// Chosen for reordering: later datagrams overtake it.
  package var isHeldBack: Bool
  /// Marked "congestion experienced", if its sender allows it.
  package var isMarked: Bool

  package init(
    delayNanoseconds: UInt64, flippedBitIndex: Int? = nil, truncatedByteCount: Int? = nil,
    isHeldBack: Bool = false, isMarked: Bool = false
  ) {
    self.delayNanoseconds = delayNanoseconds
    self.flippedBitIndex = flippedBitIndex
    self.truncatedByteCount = truncatedByteCount
    self.isHeldBack = isHeldBack
    self.isMarked = isMarked
  }

  /// A receiver can take it for what was sent.
  package var isSound: Bool { flippedBitIndex == nil && truncatedByteCount == nil }

  /// The bytes of a copy of a datagram with this many.
  package func byteCount(of byteCount: Int) -> Int { min(byteCount, truncatedByteCount ?? byteCount) }

  /// Flips the copy's bit, if it has one, within the bytes given.
  package func apply(to bytes: inout MutableSpan<UInt8>) {
    guard let flippedBitIndex, flippedBitIndex / 8 < bytes.count else { return }
    bytes[flippedBitIndex / 8] ^= 0x80 &>> UInt8(flippedBitIndex % 8)
  }
}

/// What a link decides about one datagram: dropped, delivered, or delivered twice.
package enum Verdict: Equatable, Sendable {
  case dropped(DropCause)
  case delivered(Delivery)
  case duplicated(Delivery, Delivery)

  /// The verdict of a path without impairment.
  package static let untouched = Verdict.delivered(Delivery(delayNanoseconds: 0))
}
