#if ISAL
import CISAL
#endif

/// GF(2⁸) with the polynomial 0x11D, which ISA-L uses too.
enum GaloisField {
  #if ISAL
  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 { gf_mul(a, b) }
  /// 1 ÷ `a`; 0 for 0.
  static func inverse(_ a: UInt8) -> UInt8 { gf_inv(a) }
  #else
  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 { GaloisTables.product(a, b) }
  /// 1 ÷ `a`; 0 for 0.
  static func inverse(_ a: UInt8) -> UInt8 { GaloisTables.inverse(a) }
  #endif
}

/// The field in Swift alone. A build without the trait ISAL uses it.
package enum GaloisTables {
  package static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    guard a != 0, b != 0 else { return 0 }
    return powers[Int(logarithms[Int(a)]) + Int(logarithms[Int(b)])]
  }

  /// 1 ÷ `a`; 0 for 0.
  package static func inverse(_ a: UInt8) -> UInt8 {
    a == 0 ? 0 : powers[255 - Int(logarithms[Int(a)])]
  }

  /// Adds `coefficient` times `source` to the beginning of `row`, which is at least as long.
  package static func add(
    _ source: UnsafeRawBufferPointer, times coefficient: UInt8, to row: UnsafeMutableRawBufferPointer
  ) {
    let products = (0...255).map { product($0, coefficient) }
    products.withUnsafeBufferPointer { products in
      for position in source.indices { row[position] ^= products[Int(source[position])] }
    }
  }

  /// powers[i] is xⁱ, for sums of two logarithms too: 0...508.
  private static let powers: [UInt8] = {
    var powers: [UInt8] = [1]
    for _ in 1...508 {
      let last = powers[powers.count - 1]
      powers.append(last & 0x80 == 0 ? last << 1 : last << 1 ^ 0x1D)
    }
    return powers
  }()

  /// logarithms[powers[i]] is i, for i in 0...254. The one of 0 has no meaning.
  private static let logarithms: [UInt8] = {
    var logarithms = [UInt8](repeating: 0, count: 256)
    for exponent in 0..<255 { logarithms[Int(powers[exponent])] = UInt8(exponent) }
    return logarithms
  }()
}
