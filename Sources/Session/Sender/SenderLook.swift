package import Ground
import Wire

/// What the owner of a sender asks in each turn.
package struct SenderLook {
  package let isAnnouncing: Bool
  package let hasEnded: Bool
  package let allowsMarks: Bool
  package let chunkByteCount: Int
  package let nextDeadline: Instant
}

extension SenderMachine {
  /// In place. To read a property of a machine that belongs to a class copies the machine.
  package mutating func look() -> SenderLook {
    SenderLook(
      isAnnouncing: phase == .announcing, hasEnded: hasEnded, allowsMarks: allowsMarks,
      chunkByteCount: shape.chunkByteCount, nextDeadline: nextDeadline)
  }
}
