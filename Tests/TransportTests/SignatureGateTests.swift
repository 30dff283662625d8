import Checksum
import Foundation
import Ground
import Keys
import Testing
import Wire

import Transport

/// Whose announces a receiver hears.
struct SignatureGateTests {
  private static let digest = [UInt8](repeating: 7, count: 32)

  private static func key(_ number: UInt8) throws -> SigningKey {
    try SigningKey(seed: Array(repeating: number, count: 32))
  }

  private static func announce(chunkByteCount: Int = 1_000, groupSize: UInt32 = 1) -> Announce {
    Announce(
      setIdentity: SetIdentity(high: 1, low: 2),
      shape: SetShape(
        chunkByteCount: chunkByteCount, manifestByteCount: 92, fileCount: 1, fileByteCount: 1,
        fileChunkCount: 1),
      groupSize: groupSize, timestamp: 5, options: [.group], grttCode: GrttCode(rawValue: 9),
      blockChunkCount: 0,
      maxParityCount: 0)
  }

  private static func signed(
    _ announce: Announce = announce(), by number: UInt8 = 1, sessionID: UInt64 = 5, flags: DatagramFlags = []
  ) throws -> Announce {
    let signer = AnnounceSigner(try key(number), manifestDigest: digest, sessionID: sessionID)
    guard case .announce(let signed) = try signer.signed(.announce(announce), flags: flags) else {
      return announce
    }
    return signed
  }

  private struct Trusting {
    let path = NSTemporaryDirectory() + "gallery-gate-\(UUID().uuidString)"
    let gate: SignatureGate

    init(_ numbers: UInt8...) throws {
      try numbers.map { try SignatureGateTests.key($0).publicKey.text }.joined(separator: "\n")
        .write(toFile: path, atomically: true, encoding: .utf8)
      gate = SignatureGate(trust: try SenderTrust(path: path))
    }

    func judge(
      _ announce: Announce, sessionID: UInt64 = 5, flags: DatagramFlags = [], at seconds: UInt64 = 10
    ) -> SignatureGate.Verdict {
      let header = DatagramHeader(
        type: .announce, flags: flags, sessionID: sessionID, packetNumber: 1, checksum: 0)
      return gate.judge(announce, header, from: "10.0.0.1", now: Instant.zero + .seconds(seconds))
    }
  }

  @Test func aTrustedSenderIsHeardAndItsChangingNumbersNeedNoNewSignature() throws {
    let receiver = try Trusting(1, 2)
    defer { try? FileManager.default.removeItem(atPath: receiver.path) }
    #expect(receiver.judge(try Self.signed()) == .admitted)
    var later = try Self.signed()
    (later.groupSize, later.timestamp, later.representatives) = (9, 77, [4])
    for _ in 0..<100 { #expect(receiver.judge(later) == .admitted) }
    #expect(try receiver.gate.signer(ofSession: 5) == Self.key(1).publicKey)
    #expect(receiver.judge(try Self.signed(by: 2, sessionID: 6), sessionID: 6) == .admitted)
    #expect(!receiver.gate.hasRefused)
  }

  /// Each value that is signed, with the signature of another value.
  @Test func nothingThatIsSignedCanBeChanged() throws {
    let receiver = try Trusting(1)
    defer { try? FileManager.default.removeItem(atPath: receiver.path) }
    let sound = try Self.signed()
    var seconds: UInt64 = 10
    func expectRefused(
      sessionID: UInt64 = 5, flags: DatagramFlags = [], sourceLocation: SourceLocation = #_sourceLocation,
      _ change: (inout Announce) -> Void = { _ in }
    ) {
      var announce = sound
      change(&announce)
      seconds += 1
      #expect(
        receiver.judge(announce, sessionID: sessionID, flags: flags, at: seconds) == .refused(text: nil),
        sourceLocation: sourceLocation)
    }
    expectRefused(sessionID: 6)
    expectRefused(flags: .provisional)
    expectRefused { $0.setIdentity = SetIdentity(high: 1, low: 3) }
    expectRefused { $0.shape = Self.announce(chunkByteCount: 999).shape }
    expectRefused { $0.options.insert(.oneWay) }
    expectRefused { $0.blockChunkCount = 1 }
    for place in 32..<128 {
      expectRefused { announce in
        var bytes = announce.signature?.bytes ?? []
        bytes[place] ^= 1
        announce.signature = AnnounceSignature(
          publicKey: Array(bytes[..<32]), manifestDigest: Array(bytes[32..<64]),
          signature: Array(bytes[64...]))
      }
    }
    #expect(receiver.judge(sound, at: seconds + 1) == .admitted)
  }

  @Test func aStrangerIsToldOnceWithItsFingerprint() throws {
    let receiver = try Trusting(1)
    defer { try? FileManager.default.removeItem(atPath: receiver.path) }
    let stranger = try Self.key(2).publicKey
    let verdict = receiver.judge(try Self.signed(by: 2))
    #expect(
      verdict
        == .refused(
          text:
            "ignored the sender at 10.0.0.1, whose key has the fingerprint \(stranger.fingerprint): if its user "
            + "reads the same, add the line \(stranger.text) to \(receiver.path)"))
    #expect(receiver.judge(try Self.signed(by: 2)) == .refused(text: nil))
    guard case .refused(.some) = receiver.judge(Self.announce()) else {
      Issue.record("an announce without a signature was heard")
      return
    }
    #expect(receiver.judge(Self.announce()) == .refused(text: nil))
    #expect(receiver.gate.hasRefused)
    // Its user adds the line while the receiver listens.
    try "\(try Self.key(1).publicKey.text)\n\(stranger.text)\n"
      .write(toFile: receiver.path, atomically: true, encoding: .utf8)
    #expect(receiver.judge(try Self.signed(by: 2), at: 12) == .admitted)
  }

  /// libgcrypt ends the process at some keys; a key of a stranger is only compared.
  @Test func aHostileKeyIsNotComputedWith() throws {
    let receiver = try Trusting(1)
    defer { try? FileManager.default.removeItem(atPath: receiver.path) }
    let open = SignatureGate(trust: nil)
    for byte in [UInt8(0), 1, 0x7F, 0xFF] {
      var announce = try Self.signed()
      announce.signature = AnnounceSignature(
        publicKey: Array(repeating: byte, count: 32), manifestDigest: Self.digest,
        signature: Array(repeating: byte, count: 64))
      #expect(receiver.judge(announce, sessionID: UInt64(byte)) != .admitted)
      let header = DatagramHeader(
        type: .announce, flags: [], sessionID: UInt64(byte), packetNumber: 1, checksum: 0)
      #expect(open.judge(announce, header, from: "", now: .zero) == .admitted)
    }
  }

  /// Each forged announce with a trusted key would cost 0.5 ms.
  @Test func forgedSignaturesCostABoundedTime() throws {
    let receiver = try Trusting(1)
    defer { try? FileManager.default.removeItem(atPath: receiver.path) }
    for number in 0..<200 {
      let forged = try Self.signed(Self.announce(chunkByteCount: 100 + number), by: 2)
      let signature = forged.signature?.signature ?? []
      var announce = forged
      announce.signature = AnnounceSignature(
        publicKey: try Self.key(1).publicKey.bytes, manifestDigest: Self.digest, signature: signature)
      #expect(receiver.judge(announce) == .refused(text: nil))
    }
    // Its checks are used up: the sender is heard a little later.
    #expect(receiver.judge(try Self.signed(), at: 10) == .refused(text: nil))
    #expect(receiver.judge(try Self.signed(), at: 11) == .admitted)
  }

  /// Without a file anybody is heard, and a session stays that of the key that began it.
  @Test func withoutAFileASessionKeepsItsSigner() throws {
    let gate = SignatureGate(trust: nil)
    func judge(_ announce: Announce, sessionID: UInt64 = 5) -> SignatureGate.Verdict {
      let header = DatagramHeader(
        type: .announce, flags: [], sessionID: sessionID, packetNumber: 1, checksum: 0)
      return gate.judge(announce, header, from: "", now: .zero)
    }
    #expect(judge(Self.announce(), sessionID: 4) == .admitted)
    #expect(judge(try Self.signed()) == .admitted)
    #expect(judge(Self.announce()) == .refused(text: nil))
    #expect(judge(try Self.signed(by: 2)) == .refused(text: nil))
    #expect(judge(try Self.signed()) == .admitted)
  }
}
