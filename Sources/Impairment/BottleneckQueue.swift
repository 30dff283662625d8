/// A link of finite rate behind a first-in first-out buffer with tail drop, as arithmetic: no datagram is
/// stored. The state is the time at which the link will have sent everything that it accepted. It belongs to
/// one link, or is shared by the links of a group whose datagrams leave by one interface.
package struct BottleneckQueue: Sendable {
  private let rateBitsPerSecond: UInt64
  /// How long the buffer's bytes take to send.
  private let bufferNanoseconds: UInt64
  private var idleAtNanoseconds: UInt64 = 0
  private let markNanoseconds: UInt64

  /// The longest time that an accepted datagram waited before its first bit was sent.
  package private(set) var longestWaitNanoseconds: UInt64 = 0
  /// Datagrams the buffer had no room for.
  package private(set) var overflowCount: UInt64 = 0
  /// The newest accepted datagram waited for the time from which on one is marked, if it may be.
  package private(set) var isMarking = false

  /// - Parameter bottleneck: validated.
  package init(_ bottleneck: Impairment.Bottleneck) {
    rateBitsPerSecond = max(1, bottleneck.rateBitsPerSecond)
    bufferNanoseconds = Self.nanoseconds(
      byteCount: bottleneck.bufferByteCount, rateBitsPerSecond: rateBitsPerSecond)
    markNanoseconds = bottleneck.markNanoseconds ?? .max
  }

  /// Accepts a datagram of this many bytes on the wire. Returns the time at which its last bit leaves, or nil
  /// when the buffer is full. An idle link takes a datagram of any size.
  package mutating func admit(byteCount: Int, now: UInt64) -> UInt64? {
    let service = Self.nanoseconds(
      byteCount: UInt64(max(0, byteCount)), rateBitsPerSecond: rateBitsPerSecond)
    let wait = idleAtNanoseconds > now ? idleAtNanoseconds - now : 0
    guard wait == 0 || wait + service <= bufferNanoseconds else {
      overflowCount += 1
      return nil
    }
    isMarking = wait >= markNanoseconds
    longestWaitNanoseconds = max(longestWaitNanoseconds, wait)
    idleAtNanoseconds = max(idleAtNanoseconds, now) + service
    return idleAtNanoseconds
  }

  /// The time to send this many bytes at a rate, rounded up. It saturates far above any buffer that
  /// ``Impairment`` allows.
  static func nanoseconds(byteCount: UInt64, rateBitsPerSecond: UInt64) -> UInt64 {
    let (high, low) = byteCount.multipliedFullWidth(by: 8_000_000_000)
    guard high < rateBitsPerSecond else { return .max / 4 }
    let (quotient, remainder) = rateBitsPerSecond.dividingFullWidth((high, low))
    return min(.max / 4, quotient + (remainder > 0 ? 1 : 0))
  }
}
