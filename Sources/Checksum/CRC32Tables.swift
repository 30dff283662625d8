/// CRC32 in Swift alone, eight bytes at a time (M. Kounavis and F. Berry, "Novel table lookup-based
/// algorithms for high-performance CRC generation", IEEE Transactions on Computers 57, 2008). A build without
/// the trait ISAL uses it.
package enum CRC32Tables {
  /// The CRC32 of `bytes`, continued from `previous`: the checksum of the bytes before them, or 0 when there
  /// are none.
  package static func update(_ previous: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var register = ~previous
      var position = 0
      while position + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let mixed = word ^ UInt64(register)
        register = 0
        // The first byte of the eight has seven more behind it, so its table is the last one.
        for byte in 0..<8 { register ^= tables[256 * (7 - byte) + Int(mixed >> UInt64(8 * byte) & 0xFF)] }
        position += 8
      }
      for byte in bytes[position...] {
        register = register >> 8 ^ tables[Int((register ^ UInt32(byte)) & 0xFF)]
      }
      return ~register
    }
  }

  /// tables[256·z + b] is the register after byte b and z bytes of zero, from a register of zero; 8 KiB.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var register = UInt32(byte)
      for _ in 0..<8 {
        register = register & 1 == 0 ? register >> 1 : register >> 1 ^ ResidueField.polynomial
      }
      tables[byte] = register
    }
    for position in 256..<tables.count {
      let before = tables[position - 256]
      tables[position] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()
}
