/// What sender and receivers share: a code of six words, or the key of a file.
package enum SessionSecret: Equatable, Sendable {
  case code(SessionCode)
  /// 32 random bytes.
  case key([UInt8])

  /// scrypt's N for a code: about 0.15 s and 32 MiB.
  static let scryptCost = 1 << 15
  static let masterByteCount = 32

  /// The word after "the same", in lines for people.
  package var noun: String {
    switch self {
    case .code: "code"
    case .key: "key"
    }
  }
}

/// The keys of a secret with one salt, Specs/security.md §4. To make them from a code takes 0.15 s.
package struct SaltedKeys: Equatable, Sendable {
  package static let saltByteCount = 16
  package static let checkByteCount = 8

  package let salt: [UInt8]
  /// Tells a receiver whether it has the same secret. In the clear.
  package let check: [UInt8]
  private let master: [UInt8]

  /// With a new random salt.
  package init(_ secret: SessionSecret) throws(KeyError) {
    var generator = SystemRandomNumberGenerator()
    try self.init(
      secret,
      salt: (0..<Self.saltByteCount).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) })
  }

  /// Throws `libraryMissing`, `refused`.
  package init(_ secret: SessionSecret, salt: [UInt8]) throws(KeyError) {
    self.salt = salt
    switch secret {
    case .code(let code):
      master = try KeyDerivation.scrypt(
        Array(code.text.utf8), salt: salt, cost: SessionSecret.scryptCost,
        byteCount: SessionSecret.masterByteCount)
    case .key(let key): master = try KeyDerivation.extract(key, salt: salt)
    }
    check = try KeyDerivation.expand(
      master, info: Array("gallery check".utf8), byteCount: Self.checkByteCount)
  }

  /// Of what the sender of the session sends.
  package func senderCipher(sessionID: UInt64) throws(KeyError) -> DatagramCipher {
    try cipher("gallery sender", sessionID)
  }

  /// Of what receivers send in the session.
  package func receiverCipher(sessionID: UInt64) throws(KeyError) -> DatagramCipher {
    try cipher("gallery receiver", sessionID)
  }

  /// Of what one side of a connection sends. `random`: of both sides, so that no two connections have a key
  /// in common.
  package func streamCipher(isSender: Bool, random: [UInt8]) throws(KeyError) -> DatagramCipher {
    try cipher(isSender ? "gallery tcp sender" : "gallery tcp receiver", random)
  }

  private func cipher(_ direction: String, _ sessionID: UInt64) throws(KeyError) -> DatagramCipher {
    try cipher(direction, (0..<8).map { UInt8(truncatingIfNeeded: sessionID >> (56 - 8 * UInt64($0))) })
  }

  private func cipher(_ direction: String, _ context: [UInt8]) throws(KeyError) -> DatagramCipher {
    try DatagramCipher(
      key: try KeyDerivation.expand(
        master, info: Array(direction.utf8) + context, byteCount: DatagramCipher.keyByteCount))
  }
}
