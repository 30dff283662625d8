extension CRC32 {
  /// The CRC32 of any bytes followed by their own CRC32 in little-endian order.
  package static let residue: UInt32 = 0x2144_DF1C

  /// The CRC32 of `a` alone, from that of `a` followed by the four bytes of `digest` in little-endian order:
  /// 32 steps of the shift register, backwards.
  package static func removing(_ digest: UInt32, from whole: UInt32) -> UInt32 {
    var register = ~whole
    for _ in 0..<32 {
      // The polynomial has its highest bit set. So this bit tells whether the polynomial was added in this
      // step.
      register =
        register & 0x8000_0000 != 0 ? (register ^ 0xEDB8_8320) << 1 | 1 : register << 1
    }
    return ~(register ^ digest)
  }
}
