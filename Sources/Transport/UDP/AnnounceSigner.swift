package import Keys
package import Wire

/// Signs what a sender announces, Specs/chunked-udp.md §3.6. It belongs to one session and one thread.
package final class AnnounceSigner {
  private let key: SigningKey
  private let manifestDigest: [UInt8]
  private let sessionID: UInt64
  /// By the bytes that were signed: the final announce, and those of other sizes before it.
  private var signatures: [[UInt8]: [UInt8]] = [:]

  package init(_ key: SigningKey, manifestDigest: [UInt8], sessionID: UInt64) {
    self.key = key
    self.manifestDigest = manifestDigest
    self.sessionID = sessionID
  }

  /// An announce with its signature; any other message as it is. Throws `refused`.
  package func signed(_ message: ControlMessage, flags: DatagramFlags) throws(KeyError) -> ControlMessage {
    guard case .announce(var announce) = message else { return message }
    let bytes = announce.signedBytes(
      sessionID: sessionID, isProvisional: flags.contains(.provisional), manifestDigest: manifestDigest)
    let signature: [UInt8]
    if let known = signatures[bytes] { signature = known } else { signature = try key.signature(of: bytes) }
    signatures[bytes] = signature
    announce.options.insert(.signed)
    announce.signature = AnnounceSignature(
      publicKey: key.publicKey.bytes, manifestDigest: manifestDigest, signature: signature)
    return .announce(announce)
  }
}
