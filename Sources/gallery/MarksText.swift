import Figures

/// Datagrams that came marked "congestion experienced" (RFC 3168), for people.
enum MarksText {
  /// Nil when none did.
  static func line(_ count: UInt64) -> String? {
    guard count > 0 else { return nil }
    return
      "\(HumanText.count(count, "datagram", "datagrams")) came marked: a queue on the way was full, and kept them"
  }
}
