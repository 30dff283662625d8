/// Whether chunks arrive at a member of a group, judged by its newest reports, Specs/chunked-udp.md §6.7. A
/// member that heard nothing for a while is not judged by that time: what arrives afterwards counts at once.
struct GainWindow: Sendable {
  /// Datagrams with a chunk after which a window without a gain ends.
  private static let windowCount: UInt64 = 64
  /// Fewer chunks are no gain: the short last ones of files pass where full datagrams do not.
  private static let leastGain: UInt64 = 4

  /// The report with which the window began: chunks that had arrived, and datagrams with a chunk that had
  /// passed.
  private var arrived: UInt64 = 0
  private var passed: UInt64 = 0

  /// The datagrams before these are not judged.
  mutating func begin(arrived: UInt64, passed: UInt64) {
    self.arrived = arrived
    self.passed = passed
  }

  /// A report: true when at least an eighth of the window's datagrams arrived.
  mutating func note(arrived: UInt64, passed: UInt64) -> Bool {
    let sent = passed - min(passed, self.passed)
    let gained = arrived - min(arrived, self.arrived)
    let isGain = gained >= Self.leastGain && gained >= sent / 8
    if isGain || sent >= Self.windowCount { begin(arrived: arrived, passed: passed) }
    return isGain
  }
}
