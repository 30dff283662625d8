import Ground
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
    for packet in 10..<10_000 as Range<UInt64> { _ = ledger.insert(packet * 2, now: Self.at(packet)) }
    #expect(ledger.passed(3) == .zero, "too long ago")
    #expect(ledger.passed(15_000) == Self.at(7_500))
  }

  /// However fast packets come, what is within the longest reordering window is remembered: a packet that is
  /// late is never taken for one that is later.
  @Test func remembersLongEnoughAtAnyRate() {
    var ledger = PacketLedger()
    let step = 2_000 as UInt64  // nanoseconds between two packets: 6 Gb/s
    let start = 1_000_000_000 as UInt64
    for packet in 0..<600_000 as Range<UInt64> {
      _ = ledger.insert(packet, now: Instant(nanoseconds: start + packet * step))
    }
    for packet in [UInt64(150_000), 300_000, 599_000] {
      let passed = ledger.passed(packet).nanoseconds
      let exact = start + packet * step
      #expect(passed <= exact && passed + PacketLedger.grainNanoseconds > exact)
    }
  }

  @Test func measuresReordering() {
    var ledger = PacketLedger()
    for packet in [UInt64(0), 2, 3] { _ = ledger.insert(packet, now: Self.at(10 + packet)) }
    // packet 2 overtook it at 12 ms: 20 ms late
    _ = ledger.insert(1, now: Self.at(32))
    #expect(ledger.reordering.nanoseconds(grtt: 0) == .milliseconds(40) + PacketLedger.grainNanoseconds)
  }
}
