import Checksum

/// The last bytes of a signed announce, Specs/chunked-udp.md §3.6: the sender's public key, the SHA-256 of
/// the set's manifest, and the sender's signature.
package struct AnnounceSignature: Equatable, Sendable {
  package static let byteCount = 128

  /// All of them: public key, manifest digest, signature.
  package let bytes: [UInt8]

  /// `publicKey`: 32 bytes, `manifestDigest`: 32, `signature`: 64.
  package init(publicKey: [UInt8], manifestDigest: [UInt8], signature: [UInt8]) {
    bytes = publicKey + manifestDigest + signature
  }

  /// `span`: 128 bytes.
  init(_ span: Span<UInt8>) { bytes = span.withUnsafeBytes { Array($0) } }

  /// Of the sender, Ed25519.
  package var publicKey: [UInt8] { Array(bytes[..<32]) }
  /// SHA-256 of the manifest's bytes.
  package var manifestDigest: [UInt8] { Array(bytes[32..<64]) }
  /// Ed25519, of `Announce.signedBytes`.
  package var signature: [UInt8] { Array(bytes[64...]) }
}

extension Announce {
  private static let signedHead = "gallery announce 1"
  /// Bytes of the ordinary announce that do not change while it is announced: the set, its sizes, and how the
  /// session works.
  private static let signedPlaces = [20..<60, 68..<71, 72..<75]

  /// What a sender signs: everything that a receiver takes from an announce but the numbers that change with
  /// each announce (time, round trip, group). None of these can change a byte of a file.
  package func signedBytes(sessionID: UInt64, isProvisional: Bool, manifestDigest: [UInt8]) -> [UInt8] {
    var announce = self
    announce.options.insert(.signed)
    announce.signature = nil
    announce.representatives = []
    announce.datagramByteCount = Self.minByteCount
    let datagram = announce.encode(sessionID: sessionID, packetNumber: 0)
    var bytes = Array(Self.signedHead.utf8)
    bytes += datagram[4..<12]
    bytes.append(isProvisional ? DatagramFlags.provisional.rawValue : 0)
    for places in Self.signedPlaces { bytes += datagram[places] }
    return bytes + manifestDigest
  }
}
