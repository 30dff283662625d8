import Ground

/// Limits what a receiver sends by what it received: at most three bytes for each byte of the session (the
/// rule of RFC 9000 §8.1). So a forged announce cannot use a receiver as a reflector, Specs/chunked-udp.md
/// §9.
struct AnswerCredit: Sendable {
  private static let factor: UInt64 = 3
  /// A message without credit waits for this time. The datagrams that arrive meanwhile bring credit.
  static let waitNanoseconds: Nanoseconds = .milliseconds(100)

  /// Bytes of UDP payload.
  private var received: UInt64 = 0
  private var sent: UInt64 = 0

  /// Bytes of UDP payload that may be sent now.
  var byteCount: UInt64 {
    let (limit, overflow) = received.multipliedReportingOverflow(by: Self.factor)
    return overflow ? .max : limit - min(sent, limit)
  }

  func allows(_ count: Int) -> Bool { UInt64(max(0, count)) <= byteCount }
  mutating func noteReceived(byteCount: Int) { received &+= UInt64(max(0, byteCount)) }
  mutating func noteSent(byteCount: Int) { sent.addSaturating(UInt64(max(0, byteCount))) }
}
