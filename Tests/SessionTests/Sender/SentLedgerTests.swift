import Ground
import Session
import Testing

@Suite struct SentLedgerTests {
  @Test func numbersFollowEachOther() {
    var ledger = SentLedger()
    #expect(ledger.append(datagramCount: 1, carriesChunks: false, now: .zero) == 0)
    #expect(ledger.append(datagramCount: 10, carriesChunks: true, now: Instant(nanoseconds: 5)) == 1)
    #expect(ledger.append(datagramCount: 1, carriesChunks: false, now: Instant(nanoseconds: 9)) == 11)
    #expect(ledger.nextPacket == 12)
    #expect([0, 1, 10, 11, 99].map { ledger.sentAt($0).nanoseconds } == [0, 5, 5, 9, 9])
    #expect([0, 1, 2, 10, 11, 99].map { ledger.chunkDatagrams(through: $0) } == [0, 1, 2, 10, 10, 10])
  }

  @Test func anEmptyLedgerAnswers() {
    #expect(SentLedger().sentAt(5) == .zero && SentLedger().chunkDatagrams(through: 5) == 0)
  }

  /// Beyond its memory the oldest entry stands for what is forgotten.
  @Test func forgetsTheOldest() {
    var ledger = SentLedger()
    for i in 0..<40_000 {
      _ = ledger.append(datagramCount: 2, carriesChunks: true, now: Instant(nanoseconds: UInt64(i)))
    }
    #expect(ledger.sentAt(79_999) == Instant(nanoseconds: 39_999))
    #expect(ledger.sentAt(2 * 39_000) == Instant(nanoseconds: 39_000))
    #expect(ledger.sentAt(0) == Instant(nanoseconds: 40_000 - 16_384))
    #expect(ledger.chunkDatagrams(through: 79_998) == 79_999)
  }
}
