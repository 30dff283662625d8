import CLate

/// AES-256-GCM (NIST SP 800-38D) with one key, in place. Nothing here allocates after it is made. It belongs
/// to one thread.
package final class DatagramCipher {
  /// What computes. The bytes are the same.
  package enum Library: Sendable {
    case libgcrypt
    /// Intel's Multi-Buffer Crypto for IPSec, in the version whose header this program was built with.
    case ipsecMB

    /// `ipsecMB` where it is there and the processor makes it the faster one, about twice as fast.
    package static let fastest: Self =
      late_cipher_faster() == LATE_CIPHER_IPSEC ? .ipsecMB : .libgcrypt
  }

  package static let keyByteCount = 32
  package static let nonceByteCount = 12
  package static let tagByteCount = 16

  private let handle: OpaquePointer

  /// Throws `libraryMissing`, and `refused` also when this host does not have `library`.
  package init(key: [UInt8], by library: Library? = nil) throws(KeyError) {
    try KeyLibrary.load()
    guard key.count == Self.keyByteCount else { throw .refused(code: 0) }
    var opened: OpaquePointer?
    let isIPsec = (library ?? .fastest) == .ipsecMB
    try KeyLibrary.check(late_cipher_new(&opened, key, isIPsec ? LATE_CIPHER_IPSEC : LATE_CIPHER_GCRYPT))
    guard let opened else { throw .refused(code: 0) }
    handle = opened
  }

  deinit { late_cipher_free(handle) }

  /// Encrypts `text` in place and writes its tag, 16 bytes. `header` is authenticated with it. No nonce may
  /// be used for two texts.
  ///
  /// False, which no valid arguments cause, when the text must not be used.
  package func seal(
    _ text: UnsafeMutableRawBufferPointer, header: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    tag: UnsafeMutableRawBufferPointer
  ) -> Bool {
    nonce.count == Self.nonceByteCount
      && late_cipher_seal(
        handle, text.baseAddress, text.count, header.baseAddress, header.count, nonce.baseAddress,
        tag.baseAddress) == 0
  }

  /// Decrypts `text` in place. False when the tag is not that of these bytes; `text` is worth nothing then.
  package func open(
    _ text: UnsafeMutableRawBufferPointer, header: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    tag: UnsafeRawBufferPointer
  ) -> Bool {
    nonce.count == Self.nonceByteCount
      && late_cipher_open(
        handle, text.baseAddress, text.count, header.baseAddress, header.count, nonce.baseAddress,
        tag.baseAddress) == 0
  }
}
