import Session
import Testing

@Suite struct PacketLedgerTests {
  private static func at(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  @Test func eachPacketIsNewOnce() {
    var ledger = PacketLedger()
    #expect(ledger.expected == 0)
    for packet in [UInt64(5), 6, 8, 7, 4, 100] {
      #expect(ledger.insert(packet, now: Self.at(packet)) == true)
    }
    for packet in [UInt64(5), 6, 8, 7, 4, 100] { #expect(ledger.insert(packet, now: Self.at(200)) == false) }
    #expect(ledger.highest == 100 && ledger.expected == 101)
    #expect(ledger.insert(99, now: Self.at(200)) == true)
  }

  /// The bits are used again for later packets; what is older than all of them counts as seen.
  @Test func theWindowMoves() {
    var ledger = PacketLedger()
    let window = PacketLedger.windowPacketCount
    #expect(ledger.insert(0, now: .zero) == true)
    #expect(ledger.insert(window - 1, now: .zero) == true)
    #expect(ledger.insert(window, now: .zero) == true, "shares its bit with packet 0")
    #expect(ledger.insert(0, now: .zero) == false, "too old to tell")
    #expect(ledger.insert(1, now: .zero) == true, "still within the window")
    #expect(ledger.insert(10 * window + 1, now: .zero) == true, "a leap clears the window")
    #expect(ledger.insert(10 * window, now: .zero) == true)
    #expect(ledger.insert(9 * window + 1, now: .zero) == false)
  }

  @Test func goesOnBeyondThirtyTwoBits() {
    var ledger = PacketLedger()
    for packet in (UInt64(1) << 32) - 3...(UInt64(1) << 32) + 3 {
      #expect(ledger.insert(packet, now: .zero) == true)
      #expect(ledger.insert(packet, now: .zero) == false)
    }
  }

  @Test func remembersWhenTheHighestPassed() {
    var ledger = PacketLedger()
    for packet in 0..<10 as Range<UInt64> { _ = ledger.insert(packet * 2, now: Self.at(packet)) }
    #expect(
      ledger.passed(0) == Self.at(0) && ledger.passed(7) == Self.at(4) && ledger.passed(8) == Self.at(4))
    #expect(ledger.passed(18) == Self.at(9) && ledger.passed(19) == .never)
    for packet in 10..<3_000 as Range<UInt64> { _ = ledger.insert(packet * 2, now: Self.at(packet)) }
    #expect(ledger.passed(3) == .zero, "too long ago")
    #expect(ledger.passed(5_000) == Self.at(2_500))
  }

  @Test func measuresReordering() {
    var ledger = PacketLedger()
    for packet in [UInt64(0), 2, 3] { _ = ledger.insert(packet, now: Self.at(10 + packet)) }
    #expect(ledger.reorderingNanoseconds == 0)
    // packet 2 overtook it at 12 ms: 4 ms late, and as much again for the next
    _ = ledger.insert(1, now: Self.at(16))
    #expect(ledger.reorderingNanoseconds == .milliseconds(8))
    _ = ledger.insert(50, now: Self.at(20))
    _ = ledger.insert(40, now: Self.at(1_500))  // that late it was held somewhere
    #expect(ledger.reorderingNanoseconds == .milliseconds(8))
  }
}
