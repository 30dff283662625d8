/// GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x² + 1 by the school's methods, bit by bit: nothing of ISA-L.
enum SlowField {
  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    var product: UInt16 = 0
    for bit in 0..<8 where b >> bit & 1 == 1 { product ^= UInt16(a) << bit }
    for bit in stride(from: 14, through: 8, by: -1) where product >> bit & 1 == 1 {
      product ^= 0x11D << (bit - 8)
    }
    return UInt8(truncatingIfNeeded: product)
  }

  /// By trying all; 0 has none.
  static func inverse(_ a: UInt8) -> UInt8 { (1...255).first { product(a, $0) == 1 } ?? 0 }

  /// Symbol `index` of a block, as the definition of the code has it: chunks filled up with zeros, divided by
  /// (k + index) xor j, and added.
  static func symbol(_ index: Int, of chunks: [[UInt8]], byteCount: Int) -> [UInt8] {
    var symbol = [UInt8](repeating: 0, count: byteCount)
    for (j, chunk) in chunks.enumerated() {
      let coefficient = inverse(UInt8((chunks.count + index) ^ j))
      let products = (0...255).map { product(coefficient, $0) }
      for (position, byte) in chunk.enumerated() { symbol[position] ^= products[Int(byte)] }
    }
    return symbol
  }
}
