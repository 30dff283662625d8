extension CRC32 {
  /// The CRC32 of `a` followed by `b`, from the CRC32 of each and the byte count of `b`.
  ///
  /// Costs O(log `bByteCount`). Where many second parts have the same length, a `Joiner` is far cheaper.
  package static func joined(_ a: UInt32, _ b: UInt32, bByteCount: UInt64) -> UInt32 {
    ResidueField.product(a, ResidueField.power(ofBytes: bByteCount)) ^ b
  }

  /// Joins CRC32s where every second part is `byteCount` bytes long.
  ///
  /// Appending n bytes multiplies the first CRC by x^8n modulo the polynomial. The product is linear in the
  /// bits of the CRC. So four tables of 256 products, one table for each byte of the CRC, replace the
  /// bit-by-bit multiplication. This runs once for each datagram.
  package struct Joiner: Sendable {
    /// The length of every second part, bytes.
    package let byteCount: UInt64

    /// products[256·i + b] is the product for byte value b at bits 8i ..< 8i+8; 4 KiB.
    @usableFromInline let products: [UInt32]

    package init(byteCount: UInt64) {
      self.byteCount = byteCount
      let power = ResidueField.power(ofBytes: byteCount)
      var products = [UInt32](repeating: 0, count: 4 * 256)
      for position in 0..<4 {
        let table = 256 * position
        for bit in 0..<8 {
          let single = 1 << bit
          let product = ResidueField.product(UInt32(single) << UInt32(8 * position), power)
          // Each value below 2^(bit+1) that has this bit set is the sum of this bit and a smaller value,
          // which the table has already.
          for rest in 0..<single { products[table + single + rest] = product ^ products[table + rest] }
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

/// Polynomials over GF(2) modulo that of CRC32, which is irreducible. The highest bit of a number is the
/// coefficient of x⁰, and the lowest that of x³¹, as in the CRC itself.
enum ResidueField {
  /// The polynomial without x³².
  static let polynomial: UInt32 = 0xEDB8_8320

  static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var sum: UInt32 = 0
    var shifted = b
    for exponent in 0..<32 {
      if a & (0x8000_0000 >> UInt32(exponent)) != 0 { sum ^= shifted }
      shifted = shifted & 1 == 0 ? shifted >> 1 : shifted >> 1 ^ polynomial
    }
    return sum
  }

  /// x^8n for n = `byteCount`: the product of x^(8·2^i) over the bits i of n.
  static func power(ofBytes byteCount: UInt64) -> UInt32 {
    var power: UInt32 = 0x8000_0000  // x⁰
    var rest = byteCount
    while rest != 0 {
      power = product(power, squares[rest.trailingZeroBitCount])
      rest &= rest - 1
    }
    return power
  }

  /// squares[i] is x^(8·2^i): each is the square of the one before.
  private static let squares: [UInt32] = {
    var squares: [UInt32] = [0x0080_0000]  // x⁸
    for _ in 1..<UInt64.bitWidth {
      squares.append(product(squares[squares.count - 1], squares[squares.count - 1]))
    }
    return squares
  }()
}
