/// Tells whether a person leafs quickly through images, so that a blurry picture of each is enough. Instants
/// are nanoseconds of a monotonic clock.
package struct FlipPace: Equatable, Sendable {
  /// Two steps within this time are leafing.
  package static let quickNanoseconds: UInt64 = 250_000_000
  /// A person who has made no step for this long has stopped.
  package static let restNanoseconds: UInt64 = 120_000_000

  private var lastStep: UInt64?
  private var isQuick = false
  /// 1 forward, -1 backward.
  package private(set) var direction = 1

  package init() {}

  package mutating func noteStep(_ direction: Int, now: UInt64) {
    isQuick = lastStep.map { now < $0 &+ Self.quickNanoseconds } ?? false
    lastStep = now
    self.direction = direction < 0 ? -1 : 1
  }

  /// A key that was held is released: the person has stopped.
  package mutating func noteRelease() { isQuick = false }

  package func isLeafing(now: UInt64) -> Bool {
    guard isQuick, let lastStep else { return false }
    return now < lastStep &+ Self.restNanoseconds
  }

  /// When leafing ends if no step follows; nil if nobody leafs.
  package func end(now: UInt64) -> UInt64? {
    guard isLeafing(now: now), let lastStep else { return nil }
    return lastStep &+ Self.restNanoseconds
  }
}
