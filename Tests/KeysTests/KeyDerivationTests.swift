import Testing

import Keys

/// Against the vectors of the RFCs.
struct KeyDerivationTests {
  /// RFC 7914 §12, the second vector and the third; its others have another r than 8.
  @Test(arguments: [
    (
      "password", "NaCl", 1_024, 16,
      """
      fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830da\
      c727afb94a83ee6d8360cbdfa2cc0640
      """
    ),
    (
      "pleaseletmein", "SodiumChloride", 16_384, 1,
      """
      7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9\
      e61e85dc0d651e40dfcf017b45575887
      """
    ),
  ])
  func scrypt(password: String, salt: String, cost: Int, parallelization: Int, expected: String) throws {
    let key = try KeyDerivation.scrypt(
      Array(password.utf8), salt: Array(salt.utf8), cost: cost, parallelization: parallelization,
      byteCount: 64)
    #expect(hexadecimal(key) == expected)
  }

  /// RFC 5869 A.1 to A.3.
  @Test(arguments: [
    (
      Array(repeating: UInt8(0x0b), count: 22), Array(UInt8(0)...12), Array(UInt8(0xf0)...0xf9), 42,
      "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    ),
    (
      Array(UInt8(0)...0x4f), Array(UInt8(0x60)...0xaf), Array(UInt8(0xb0)...0xff), 82,
      "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
      """
      b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
      da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
      """
    ),
    (
      Array(repeating: UInt8(0x0b), count: 22), [], [], 42,
      "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    ),
  ])
  func hkdf(
    secret: [UInt8], salt: [UInt8], info: [UInt8], byteCount: Int, extracted: String, expanded: String
  ) throws {
    let key = try KeyDerivation.extract(secret, salt: salt)
    #expect(hexadecimal(key) == extracted)
    #expect(hexadecimal(try KeyDerivation.expand(key, info: info, byteCount: byteCount)) == expanded)
  }

  /// Computed from Specs/security.md by Python: hashlib.scrypt, hmac.
  @Test func keysOfASecret() throws {
    let salt = Array(UInt8(0)...15)
    let code = try SaltedKeys(.code(SessionCode("bado kilu mefa nopi rusa tegi")), salt: salt)
    #expect(hexadecimal(code.check) == "df57c66ec7c3da64")
    let key = try SaltedKeys(.key(Array(UInt8(0)...31)), salt: salt)
    #expect(hexadecimal(key.check) == "9f5587f5751a3a00")
  }

  /// Two senders with one secret, and one that was started again, have no key in common.
  @Test func eachRunHasItsOwnSalt() throws {
    let secret = SessionSecret.key(Array(repeating: 7, count: 32))
    let (one, other) = (try SaltedKeys(secret), try SaltedKeys(secret))
    #expect(one.salt.count == SaltedKeys.saltByteCount && one.salt != other.salt)
    #expect(one.check != other.check && one != other)
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef")
  return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
