import CLate

/// Keys from secrets: scrypt (RFC 7914) and HKDF with SHA-256 (RFC 5869), by libgcrypt.
package enum KeyDerivation {
  private static let hashByteCount = 32

  /// `cost`: N, a power of two. r is 8, which is the only value of libgcrypt; the memory is 1,024 · N bytes.
  ///
  /// Throws `libraryMissing`, `refused`.
  package static func scrypt(
    _ secret: [UInt8], salt: [UInt8], cost: Int, parallelization: Int = 1, byteCount: Int
  ) throws(KeyError) -> [UInt8] {
    try KeyLibrary.load()
    var key = [UInt8](repeating: 0, count: byteCount)
    let code = late_scrypt(
      secret, secret.count, salt, salt.count, Int32(clamping: cost), UInt(parallelization), &key, byteCount)
    try KeyLibrary.check(code)
    return key
  }

  /// Throws `libraryMissing`, `refused`.
  package static func extract(_ secret: [UInt8], salt: [UInt8]) throws(KeyError) -> [UInt8] {
    try authenticationCode(of: secret, key: salt)
  }

  /// `byteCount`: at most 255 · 32.
  ///
  /// Throws `libraryMissing`, `refused`.
  package static func expand(_ key: [UInt8], info: [UInt8], byteCount: Int) throws(KeyError) -> [UInt8] {
    var result: [UInt8] = []
    var block: [UInt8] = []
    var number: UInt8 = 1
    while result.count < byteCount {
      block = try authenticationCode(of: block + info + [number], key: key)
      result += block
      number &+= 1
    }
    return Array(result.prefix(byteCount))
  }

  /// HMAC with SHA-256, RFC 2104.
  private static func authenticationCode(of bytes: [UInt8], key: [UInt8]) throws(KeyError) -> [UInt8] {
    try KeyLibrary.load()
    var digest = [UInt8](repeating: 0, count: hashByteCount)
    try KeyLibrary.check(late_hmac_sha256(key, key.count, bytes, bytes.count, &digest))
    return digest
  }
}

/// libgcrypt, which is loaded when the first key is wanted.
package enum KeyLibrary {
  /// Throws `libraryMissing`.
  package static func load() throws(KeyError) {
    if let missing = late_keys_missing() { throw .libraryMissing(String(cString: missing)) }
  }

  static func check(_ code: UInt32) throws(KeyError) {
    guard code == 0 else { throw .refused(code: code) }
  }
}
