/// The constants of XXH3: the primes of its specification, and the 192 bytes of its default secret.
extension XXH3 {
  enum Prime32 {
    static let a: UInt64 = 0x9E37_79B1
    static let b: UInt64 = 0x85EB_CA77
    static let c: UInt64 = 0xC2B2_AE3D
  }

  enum Prime64 {
    static let a: UInt64 = 0x9E37_79B1_85EB_CA87
    static let b: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    static let c: UInt64 = 0x1656_67B1_9E37_79F9
    static let d: UInt64 = 0x85EB_CA77_C2B2_AE63
    static let e: UInt64 = 0x27D4_EB2F_1656_67C5
  }

  /// The eight bytes of the secret from byte `offset` on, little-endian; 0 ≤ `offset` ≤ 184.
  static func secret(_ offset: Int) -> UInt64 {
    let shift = UInt64(8 * (offset & 7))
    let word = secretWords[offset >> 3]
    return shift == 0 ? word : word >> shift | secretWords[offset >> 3 + 1] << (64 - shift)
  }

  /// The four bytes of the secret from byte `offset` on, little-endian; 0 ≤ `offset` ≤ 184.
  static func secretWord(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: secret(offset)) }

  private static let secretWords: InlineArray<24, UInt64> = [
    0xBE4B_A423_396C_FEB8, 0x1CAD_21F7_2C81_017C, 0xDB97_9083_E96D_D4DE, 0x1F67_B3B7_A4A4_4072,
    0x78E5_C0CC_4EE6_79CB, 0x2172_FFCC_7DD0_5A82, 0x8E24_43F7_7446_08B8, 0x4C26_3A81_E690_35E0,
    0xCB00_C391_BB52_283C, 0xA32E_531B_8B65_D088, 0x4EF9_0DA2_9748_6471, 0xD8AC_DEA9_46EF_1938,
    0x3F34_9CE3_3F76_FAA8, 0x1D4F_0BC7_C7BB_DCF9, 0x3159_B4CD_4BE0_518A, 0x6473_78D9_C97E_9FC8,
    0xC3EB_D334_83AC_C5EA, 0xEB63_13FA_FFA0_81C5, 0x49DA_F0B7_51DD_0D17, 0x9E68_D429_2655_16D3,
    0xFCA1_477D_58BE_162B, 0xCE31_D07A_D1B8_F88F, 0x2804_1695_8F3A_CB45, 0x7E40_4BBB_CAFB_D7AF,
  ]
}
