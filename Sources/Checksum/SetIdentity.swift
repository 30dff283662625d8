import Ground

/// The name of a file set: XXH3-128 of the manifest's bytes, in xxHash's canonical big-endian form (16
/// bytes).
///
/// Two different sets have different identities, unless an attacker made them: XXH3 is not a cryptographic
/// hash.
package struct SetIdentity: Hashable, Sendable {
  package static let byteCount = 16

  /// Bytes 0..<8 of the canonical form, read as big-endian.
  package var high: UInt64
  /// Bytes 8..<16 of the canonical form, read as big-endian.
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The identity of the set whose manifest has these bytes.
  package init(of manifestBytes: UnsafeRawBufferPointer) {
    let hash = XXH3.hash128(manifestBytes)
    self.init(high: hash.high, low: hash.low)
  }

  /// The identity of the set whose manifest has these bytes.
  package init(of manifestBytes: Span<UInt8>) {
    self = manifestBytes.withUnsafeBytes { SetIdentity(of: $0) }
  }
}

extension SetIdentity: CustomStringConvertible {
  /// 32 hexadecimal digits, as `xxhsum -H2` prints them.
  package var description: String { high.hexadecimal + low.hexadecimal }
}
