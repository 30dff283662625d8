import Foundation
import Testing

import Keys

/// Ed25519, and the files that have its keys.
struct SigningKeyTests {
  /// RFC 8032 §7.1: seed, public key, message, signature.
  private static let vectors = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
        + "e24655141438e7a100b"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed"
        + "28dc027beceea1ec40a"
    ),
  ]

  private static func bytes(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  private static func inScratch(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "gallery-signing-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private static func write(_ text: String, to path: String, mode: Int = 0o600) {
    _ = FileManager.default.createFile(
      atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
  }

  @Test(arguments: vectors) func signsAsTheStandardSays(
    seed: String, key: String, text: String, signature: String
  )
    throws
  {
    let signing = try SigningKey(seed: Self.bytes(seed))
    #expect(signing.publicKey.text == key)
    let message = Self.bytes(text)
    #expect(try signing.signature(of: message) == Self.bytes(signature))
    #expect(signing.publicKey.hasSigned(message, Self.bytes(signature)))
    for place in 0..<64 {
      var wrong = Self.bytes(signature)
      wrong[place] ^= 0x10
      #expect(!signing.publicKey.hasSigned(message, wrong))
    }
    #expect(!signing.publicKey.hasSigned(message + [0], Self.bytes(signature)))
    #expect(!signing.publicKey.hasSigned(message, []))
  }

  @Test func aNewKeyIsItsOwnersAlone() throws {
    try Self.inScratch { folder in
      let path = "\(folder)/my.sign"
      let key = try SigningKey.make(path)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(try SigningKey(path: path).publicKey == key)
      #expect(try TrustFile.read(path + ".pub") == [key])
      #expect(key.fingerprint.count == 39)
      #expect(throws: KeyError.file(path: path, reason: "File exists")) { try SigningKey.make(path) }
      #expect(throws: KeyError.noKey(path: path)) { try KeyFile.read(path) }
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      #expect(throws: KeyError.openToOthers(path: path)) { try SigningKey(path: path) }
      try KeyFile.make("\(folder)/room.key")
      #expect(throws: KeyError.noSigningKey(path: "\(folder)/room.key")) {
        try SigningKey(path: "\(folder)/room.key")
      }
    }
  }
}

/// Files of trusted senders, whatever is in them.
struct TrustFileTests {
  private static let one = String(repeating: "1a", count: 32)
  private static let other = String(repeating: "2B", count: 32)

  private static func read(_ text: String) throws -> Result<Set<PublicKey>, KeyError> {
    let path = NSTemporaryDirectory() + "gallery-trust-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
    return Result { () throws(KeyError) in try TrustFile.read(path) }
      .mapError { error in
        switch error {
        case .noPublicKey(_, let line): .noPublicKey(path: "", line: line)
        case .nobodyTrusted: .nobodyTrusted(path: "")
        default: error
        }
      }
  }

  @Test func eachLineBeginsWithAKey() throws {
    let text = "# of the office\n\n\(Self.one) Anna, fingerprint 1 2 3\r\n  \(Self.other)\t\n#\n"
    #expect(
      try Self.read(text)
        == .success([
          PublicKey(Array(repeating: 0x1A, count: 32)), PublicKey(Array(repeating: 0x2B, count: 32)),
        ]))
  }

  private static let refused: [(String, KeyError)] = [
    ("", .nobodyTrusted(path: "")),
    ("# nobody\n", .nobodyTrusted(path: "")),
    ("Anna", .noPublicKey(path: "", line: 1)),
    (String(one.dropLast()), .noPublicKey(path: "", line: 1)),
    ("\n\(one)0", .noPublicKey(path: "", line: 2)),
    // libgcrypt would end the process.
    (String(repeating: "0", count: 64), .noPublicKey(path: "", line: 1)),
    ("01\(String(repeating: "0", count: 60))80", .noPublicKey(path: "", line: 1)),
  ]

  @Test(arguments: refused)
  func otherFilesAreRefused(text: String, error: KeyError) throws {
    #expect(try Self.read(text) == .failure(error))
    #expect(throws: KeyError.file(path: "/nowhere/x", reason: "No such file or directory")) {
      try TrustFile.read("/nowhere/x")
    }
  }
}
