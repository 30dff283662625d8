import Testing
import Transport

/// When a sender announces parity, and in which blocks.
@Suite struct ParityChoiceTests {
  struct Row: Sendable {
    var choice: ParityChoice
    var isGroup: Bool
    var isOneWay: Bool
    var receiverCount: Int?
    /// Nil: no parity.
    var blockChunkCount: UInt8?

    init(_ choice: ParityChoice, _ isGroup: Bool, _ isOneWay: Bool, _ receivers: Int?, _ count: UInt8?) {
      self.choice = choice
      self.isGroup = isGroup
      self.isOneWay = isOneWay
      receiverCount = receivers
      blockChunkCount = count
    }
  }

  @Test(arguments: [
    Row(.auto, false, false, nil, nil), Row(.auto, false, true, nil, 64), Row(.auto, true, false, nil, 64),
    Row(.auto, true, false, 29, 64), Row(.auto, true, false, 30, 200), Row(.off, true, true, 30, nil),
    Row(.fixed(share: 0.05), false, false, nil, 64), Row(.fixed(share: 0.05), true, false, 30, 200),
    Row(.fixed(share: 0.2), true, false, 30, 64), Row(.fixed(share: 1), true, true, 3, 64),
  ])
  func blocksAreAnnouncedWhereParityServes(row: Row) {
    let blocks = row.choice.blocks(
      isGroup: row.isGroup, isOneWay: row.isOneWay, receiverCount: row.receiverCount)
    #expect(blocks?.chunkCount == row.blockChunkCount)
  }

  @Test(arguments: [("5%", 0.05), ("0.1%", 0.001), ("100%", 1), ("12.5%", 0.125)])
  func aShareIsReadAndWritten(text: String, share: Double) {
    #expect(ParityChoice(fixed: text)?.fixedShare == share)
    #expect(ParityChoice.text(fixedShare: share) == text)
  }

  @Test(arguments: ["", "%", "5", "0%", "101%", "-5%", "1e1%", "0x5%", "nan%", "inf%", "\u{0665}%"])
  func otherTextsAreNone(text: String) { #expect(ParityChoice(fixed: text) == nil) }
}
