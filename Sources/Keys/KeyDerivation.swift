import CGcrypt
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
    let code = gcry_kdf_derive(
      secret, secret.count, Int32(GCRY_KDF_SCRYPT.rawValue), Int32(clamping: cost), salt, salt.count,
      UInt(parallelization), byteCount, &key)
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
    var (bytes, key) = (bytes, key)
    let code = key.withUnsafeMutableBytes { key in
      bytes.withUnsafeMutableBytes { bytes in
        let parts = [key, bytes].map {
          gcry_buffer_t(size: $0.count, off: 0, len: $0.count, data: $0.baseAddress)
        }
        return gcry_md_hash_buffers(
          Int32(GCRY_MD_SHA256.rawValue), UInt32(GCRY_MD_FLAG_HMAC.rawValue), &digest, parts,
          Int32(parts.count))
      }
    }
    try KeyLibrary.check(code)
    return digest
  }
}

/// libgcrypt, which is loaded when the first key is wanted.
package enum KeyLibrary {
  /// Throws `libraryMissing`.
  package static func load() throws(KeyError) {
    if let missing = late_keys_missing() { throw .libraryMissing(String(cString: missing)) }
  }

  static func check(_ code: gcry_error_t) throws(KeyError) {
    guard code == 0 else { throw .refused(code: code) }
  }
}
