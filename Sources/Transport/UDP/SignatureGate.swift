import FileSet
package import Ground
package import Keys
package import Wire

/// Lets a receiver hear the announces of senders that it trusts, and no others, Specs/security.md §8. It
/// belongs to one thread.
///
/// A signature costs 0.5 ms to verify, and anyone can send one. So no more than `checksPerSecond` are
/// verified, and what was found is remembered.
package final class SignatureGate {
  package enum Verdict: Equatable {
    case admitted
    /// Not signed by a sender that is trusted. `text`: for people, once for each sender.
    case refused(text: String?)
  }

  private static let checksPerSecond: UInt64 = 20
  private static let checksAtOnce = 8
  /// Sessions, and senders that were refused, that are remembered.
  private static let limit = 64

  private struct Session {
    var publicKey: PublicKey
    var manifestDigest: [UInt8]
    /// The signed bytes that were found to be right.
    var admitted: Set<[UInt8]> = []
  }

  /// Nil: any sender may send, signed or not, and no signature is verified.
  private let trustPath: String?
  private var trusted: Set<PublicKey>
  private var readAt = Instant.zero
  private var sessions: [UInt64: Session] = [:]
  private var told: Set<String> = []
  private var checksLeft = checksAtOnce
  private var refilledAt = Instant.zero
  /// Senders were heard, and none of them is trusted.
  package private(set) var hasRefused = false

  /// `trust`: the file of the senders that are trusted, and its keys.
  package init(trust: SenderTrust?) {
    trustPath = trust?.path
    trusted = trust?.keys ?? []
  }

  /// Who signs a session whose announce was admitted; nil when nobody does.
  package func signer(ofSession sessionID: UInt64) -> PublicKey? { sessions[sessionID]?.publicKey }

  /// `from`: the sender's address, for people.
  package func judge(
    _ announce: Announce, _ header: DatagramHeader, from: @autoclosure () -> String, now: Instant
  ) -> Verdict {
    guard let signature = announce.signature else {
      guard let trustPath else {
        return sessions[header.sessionID] == nil ? .admitted : .refused(text: nil)
      }
      let address = from()
      return refuse(
        "ignored a sender without a signature, at \(address); this receiver trusts those in \(trustPath.printable)",
        once: address)
    }
    let key = PublicKey(signature.publicKey)
    if let session = sessions[header.sessionID] {
      guard session.publicKey == key, session.manifestDigest == signature.manifestDigest else {
        return .refused(text: nil)
      }
    }
    guard (try? KeyLibrary.load()) != nil else {
      return refuse(
        "ignored a signed set, as libgcrypt is not on this host: apt-get install libgcrypt20", once: "")
    }
    let isTrusted = trustPath == nil || isTrusted(key, now: now)
    guard isTrusted else { return refuse(stranger(key, from()), once: key.text) }
    let signed = announce.signedBytes(
      sessionID: header.sessionID, isProvisional: header.flags.contains(.provisional),
      manifestDigest: signature.manifestDigest)
    // No key of a stranger goes to the library.
    if trustPath != nil, !(sessions[header.sessionID]?.admitted.contains(signed) ?? false) {
      guard takeCheck(now: now), key.hasSigned(signed, signature.signature) else {
        return .refused(text: nil)
      }
    }
    if sessions[header.sessionID] == nil, sessions.count >= Self.limit { sessions = [:] }
    var session =
      sessions[header.sessionID]
      ?? Session(publicKey: key, manifestDigest: signature.manifestDigest)
    if session.admitted.count < Self.limit { session.admitted.insert(signed) }
    sessions[header.sessionID] = session
    return .admitted
  }

  /// A line may have been added to the file since it was read.
  private func isTrusted(_ key: PublicKey, now: Instant) -> Bool {
    if trusted.contains(key) { return true }
    guard let trustPath, readAt == .zero || now - readAt >= .seconds(1) else { return false }
    readAt = now
    trusted = (try? TrustFile.read(trustPath)) ?? trusted
    return trusted.contains(key)
  }

  private func stranger(_ key: PublicKey, _ address: String) -> String {
    """
    ignored the sender at \(address), whose key has the fingerprint \(key.fingerprint): if its user reads the \
    same, add the line \(key.text) to \(trustPath?.printable ?? "")
    """
  }

  private func refuse(_ text: String, once name: String) -> Verdict {
    hasRefused = true
    guard told.count < Self.limit, told.insert(name).inserted else { return .refused(text: nil) }
    return .refused(text: text)
  }

  private func takeCheck(now: Instant) -> Bool {
    let interval = Nanoseconds.seconds(1) / Self.checksPerSecond
    if now - refilledAt >= interval {
      checksLeft = min(Self.checksAtOnce, checksLeft + Int(clamping: (now - refilledAt) / interval))
      refilledAt = now
    }
    guard checksLeft > 0 else { return false }
    checksLeft -= 1
    return true
  }
}

/// Whom a receiver accepts: the keys of a file of trusted senders.
package struct SenderTrust: Equatable, Sendable {
  package let path: String
  package let keys: Set<PublicKey>

  /// Throws `file`, `noPublicKey`, `nobodyTrusted`, `libraryMissing`.
  package init(path: String) throws(KeyError) {
    try KeyLibrary.load()
    self.path = path
    keys = try TrustFile.read(path)
  }
}
