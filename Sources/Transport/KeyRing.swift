import Ground
import Keys

/// The keys of a receiver's secret, by salt.
///
/// A code costs 0.15 s for each new salt, and anyone can send salts. So keys are not made more often than
/// `keysPerMinute`, and salts are remembered. It belongs to one thread.
final class KeyRing {
  static let keysPerMinute: UInt64 = 30
  private static let keysAtOnce = 4
  /// Salts that are remembered.
  private static let limit = 64

  private let secret: SessionSecret
  private var salts: [[UInt8]: SaltedKeys] = [:]
  private var keysLeft = keysAtOnce
  private var refilledAt = Instant.zero
  /// A sender with another secret was heard.
  var hasHeardOtherSecret = false

  init(_ secret: SessionSecret) { self.secret = secret }

  /// "code" or "key".
  var noun: String { secret.noun }

  func knows(_ salt: [UInt8]) -> Bool { salts[salt] != nil }

  /// The keys of a salt, if they are known or may be made now.
  func keys(of salt: [UInt8], now: Instant) -> SaltedKeys? {
    if let known = salts[salt] { return known }
    let interval = Nanoseconds.seconds(60) / Self.keysPerMinute
    if now - refilledAt >= interval {
      keysLeft = min(Self.keysAtOnce, keysLeft + Int(clamping: (now - refilledAt) / interval))
      refilledAt = now
    }
    guard keysLeft > 0 else { return nil }
    keysLeft -= 1
    guard let keys = try? SaltedKeys(secret, salt: salt) else { return nil }
    if salts.count >= Self.limit { salts = [:] }
    salts[salt] = keys
    return keys
  }
}
