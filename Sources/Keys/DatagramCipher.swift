import CGcrypt
import CLate

/// AES-256-GCM (NIST SP 800-38D) with one key, in place, by libgcrypt. Nothing here allocates after it is
/// made. It belongs to one thread.
package final class DatagramCipher {
  package static let keyByteCount = 32
  package static let nonceByteCount = 12
  package static let tagByteCount = 16

  private let handle: gcry_cipher_hd_t

  /// Throws `libraryMissing`, `refused`.
  package init(key: [UInt8]) throws(KeyError) {
    try KeyLibrary.load()
    var opened: gcry_cipher_hd_t?
    try KeyLibrary.check(
      gcry_cipher_open(&opened, Int32(GCRY_CIPHER_AES256.rawValue), Int32(GCRY_CIPHER_MODE_GCM.rawValue), 0))
    guard let opened else { throw .refused(code: 0) }
    let code = gcry_cipher_setkey(opened, key, key.count)
    guard code == 0 else {
      gcry_cipher_close(opened)
      throw .refused(code: code)
    }
    handle = opened
  }

  deinit { gcry_cipher_close(handle) }

  /// Encrypts `text` in place and writes its tag, 16 bytes. `header` is authenticated with it. No nonce may
  /// be used for two texts.
  ///
  /// False, which no valid arguments cause, when the text must not be used.
  package func seal(
    _ text: UnsafeMutableRawBufferPointer, header: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    tag: UnsafeMutableRawBufferPointer
  ) -> Bool {
    start(header, nonce)
      && gcry_cipher_encrypt(handle, text.baseAddress, text.count, nil, 0) == 0
      && gcry_cipher_gettag(handle, tag.baseAddress, Self.tagByteCount) == 0
  }

  /// Decrypts `text` in place. False when the tag is not that of these bytes; `text` is worth nothing then.
  package func open(
    _ text: UnsafeMutableRawBufferPointer, header: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    tag: UnsafeRawBufferPointer
  ) -> Bool {
    start(header, nonce)
      && gcry_cipher_decrypt(handle, text.baseAddress, text.count, nil, 0) == 0
      && gcry_cipher_checktag(handle, tag.baseAddress, Self.tagByteCount) == 0
  }

  private func start(_ header: UnsafeRawBufferPointer, _ nonce: UnsafeRawBufferPointer) -> Bool {
    gcry_cipher_setiv(handle, nonce.baseAddress, nonce.count) == 0
      && gcry_cipher_authenticate(handle, header.baseAddress, header.count) == 0
  }
}
