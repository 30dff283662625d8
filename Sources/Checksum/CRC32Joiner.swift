import CZlib

extension CRC32 {
  /// The CRC32 of `a` followed by `b`, from the CRC32 of each and the byte count of `b`; 0 ≤ `bByteCount`.
  ///
  /// Costs O(log `bByteCount`). Where many second parts have the same length, a `Joiner` is far cheaper.
  package static func joined(_ a: UInt32, _ b: UInt32, bByteCount: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(a), UInt(b), Int(clamping: bByteCount)))
  }

  /// Joins CRC32s where every second part is `byteCount` bytes long.
  ///
  /// Appending n bytes multiplies the first CRC by x^8n modulo the polynomial (zlib's `crc32_combine_gen` and
  /// `crc32_combine_op`). The product is linear in the bits of the CRC. So four tables of 256 products, one
  /// table for each byte of the CRC, replace the bit-by-bit loop of `crc32_combine_op`. This runs once for
  /// each datagram.
  package struct Joiner: Sendable {
    /// The length of every second part, bytes.
    package let byteCount: UInt64

    /// products[256·i + b] is the product for byte value b at bits 8i ..< 8i+8; 4 KiB.
    @usableFromInline let products: [UInt32]

    package init(byteCount: UInt64) {
      self.byteCount = byteCount
      let operation = crc32_combine_gen(Int(clamping: byteCount))
      var products = [UInt32](repeating: 0, count: 4 * 256)
      for position in 0..<4 {
        let table = 256 * position
        for bit in 0..<8 {
          let single = 1 << bit
          let product = crc32_combine_op(UInt(single) << UInt(8 * position), 0, operation)
          // Each value below 2^(bit+1) that has this bit set is the sum of this bit and a smaller value,
          // which the table has already.
          for rest in 0..<single {
            products[table + single + rest] = UInt32(truncatingIfNeeded: product) ^ products[table + rest]
          }
        }
      }
      self.products = products
    }

    /// The CRC32 of `a` followed by `b`, where `b` is the CRC32 of exactly `byteCount` bytes.
    @inlinable
    package func join(_ a: UInt32, _ b: UInt32) -> UInt32 {
      products[Int(a & 0xFF)] ^ products[256 + Int(a >> 8 & 0xFF)] ^ products[512 + Int(a >> 16 & 0xFF)]
        ^ products[768 + Int(a >> 24)] ^ b
    }
  }
}
