import CLate

/// A sender's own Ed25519 key (RFC 8032): its signature shows that a set comes from this sender.
package struct SigningKey: Equatable, Sendable {
  /// Before the digits of the seed, so that no other key file is taken for one.
  private static let label = "gallery signing key "

  private let seed: [UInt8]
  package let publicKey: PublicKey

  /// The key of a seed of 32 bytes. Throws `libraryMissing`, `refused`.
  package init(seed: [UInt8]) throws(KeyError) {
    try KeyLibrary.load()
    var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
    try KeyLibrary.check(late_ed25519_public(seed, &bytes))
    self.seed = seed
    publicKey = PublicKey(bytes)
  }

  /// The key in a file, which only its owner may read.
  ///
  /// Throws `file`, `openToOthers`, `noSigningKey`, `libraryMissing`, `refused`.
  package init(path: String) throws(KeyError) {
    try self.init(
      seed: try KeyFile.read(path, label: Self.label, orElse: .noSigningKey(path: path)))
  }

  /// Makes a new key in a file of mode 0600, and its public key in a file of this name and ".pub", which
  /// receivers trust. None of the files may be there yet.
  ///
  /// Throws `file`, `libraryMissing`, `refused`.
  package static func make(_ path: String) throws(KeyError) -> PublicKey {
    try KeyLibrary.load()
    try KeyFile.make(path, label: label)
    let key = try SigningKey(path: path)
    try TrustFile.make(path + ".pub", key.publicKey)
    return key.publicKey
  }

  /// 64 bytes. Throws `refused`.
  package func signature(of bytes: [UInt8]) throws(KeyError) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: PublicKey.signatureByteCount)
    try KeyLibrary.check(late_ed25519_sign(seed, publicKey.bytes, bytes, bytes.count, &signature))
    return signature
  }
}

/// The half of a signing key that everybody may know.
package struct PublicKey: Hashable, Sendable {
  package static let byteCount = 32
  package static let signatureByteCount = 64

  package let bytes: [UInt8]

  /// `bytes`: 32.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// 64 hexadecimal digits.
  package var text: String { Self.hexadecimal(bytes) }

  /// What people compare: the first half of the key's SHA-256, in groups of four digits. 128 bits, so that
  /// nobody finds another key with the same. `KeyLibrary.load` must have succeeded.
  package var fingerprint: String {
    let digits = Array(Self.hexadecimal(bytes.withUnsafeBytes { SHA256.digest($0) }.prefix(16)))
    return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }.joined(separator: " ")
  }

  /// Whether the signature is that of these bytes by this key.
  ///
  /// The key must be one that a person trusts: libgcrypt ends the process at some keys that are made to do
  /// that, so no key of a stranger may come here. A signature may be anything.
  package func hasSigned(_ bytes: [UInt8], _ signature: [UInt8]) -> Bool {
    signature.count == Self.signatureByteCount && self.bytes.count == Self.byteCount
      && late_ed25519_verify(self.bytes, bytes, bytes.count, signature) == 0
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
