/// Datagrams of one kind, counted at the place where they pass: their number, and their bytes of UDP payload.
package struct Tally: Codable, Equatable, Sendable {
  package var count: UInt64 = 0
  package var byteCount: UInt64 = 0

  package init(count: UInt64 = 0, byteCount: UInt64 = 0) {
    self.count = count
    self.byteCount = byteCount
  }

  /// One datagram.
  package mutating func add(byteCount: Int) {
    count += 1
    self.byteCount += UInt64(byteCount)
  }

  /// A train: `byteCount` is the bytes of all of its datagrams.
  package mutating func add(count: Int, byteCount: Int) {
    self.count += UInt64(count)
    self.byteCount += UInt64(byteCount)
  }
}
