import Checksum
import Ground

/// Which receivers a sender looks for: those of the same room; Specs/invitations.md §2.
package struct Room: Equatable, Sendable {
  /// The room of all who name none.
  package static let common = Room(digest: 0)
  package static let maximumNameByteCount = 64

  /// 0 for the common room, else the high half of the XXH3 (128 bits) of the name, at least 1.
  package let digest: UInt64

  private init(digest: UInt64) { self.digest = digest }

  /// Nil unless the name has 1 to 64 bytes of UTF-8.
  package init?(named name: String) {
    let bytes = Array(name.utf8)
    guard (1...Self.maximumNameByteCount).contains(bytes.count) else { return nil }
    digest = max(1, SetIdentity(of: bytes.span).high)
  }

  /// The group of its sessions over IPv4, in the local scope of RFC 2365: 239.255, then the digest's last two
  /// bytes; 239.255.71.65 for the common room.
  package var ipv4Group: String {
    let last = digest == 0 ? 0x4741 : digest & 0xFFFF
    return "239.255.\(last >> 8).\(last & 0xFF)"
  }

  /// The same over IPv6, of link-local scope (RFC 4291 §2.7): ff12::, then the digest; ff12::4741 for the
  /// common room.
  package var ipv6Group: String {
    let value = digest == 0 ? 0x4741 : digest
    let words = [48, 32, 16, 0].map { String(value >> UInt64($0) & 0xFFFF, radix: 16) }
    return "ff12:0:0:0:" + words.joined(separator: ":")
  }
}
