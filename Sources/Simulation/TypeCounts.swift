/// Datagrams and their bytes on the wire, by message type.
package struct TypeCounts: Equatable, Sendable {
  private var datagrams = InlineArray<16, UInt64>(repeating: 0)
  private var bytes = InlineArray<16, UInt64>(repeating: 0)

  package init() {}

  package mutating func count(kind: UInt8, wireByteCount: Int) {
    let index = Int(kind & 15)
    datagrams[index] += 1
    bytes[index] += UInt64(wireByteCount)
  }

  /// Datagrams of one type.
  package func datagramCount(kind: UInt8) -> UInt64 { datagrams[Int(kind & 15)] }
  /// Their bytes on the wire.
  package func wireByteCount(kind: UInt8) -> UInt64 { bytes[Int(kind & 15)] }

  package var datagramCount: UInt64 { datagrams.indices.reduce(0) { $0 + datagrams[$1] } }
  package var wireByteCount: UInt64 { bytes.indices.reduce(0) { $0 + bytes[$1] } }

  package static func == (a: TypeCounts, b: TypeCounts) -> Bool {
    a.datagrams.indices.allSatisfy { a.datagrams[$0] == b.datagrams[$0] && a.bytes[$0] == b.bytes[$0] }
  }
}
