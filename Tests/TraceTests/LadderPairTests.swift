import Foundation
import Testing
import Trace

struct LadderPairTests {
  private func session(nackDies: Bool) throws -> Ladder {
    let sides = try TwoSides()
    if nackDies {
      sides.loseTheFirstNack()
      return try sides.ladder()
    }
    for chunk in UInt32(0)..<4 {
      sides.there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk == 1)
    }
    sides.back(Datagrams.nack(1, [(1, 1)]), at: 6)
    sides.there(Datagrams.notice(4, chunk: 1, packetNumber: 5), at: 8)
    sides.there(Datagrams.data(5, chunk: 1, isRepair: true), at: 8)
    return try sides.ladder()
  }

  private static let mark = "fill=\"#FFE98A\""

  @Test func theFirstDifferenceIsMarkedInBoth() throws {
    var pair = try LadderPair(
      try session(nackDies: false), try session(nackDies: true), names: ("a.qlog", "b.qlog"), .firstLoss)
    let text = pair.document()
    #expect(
      pair.sentence
        == "First difference: NACK, number 1 of its kind. a.qlog: asks for chunk 1, arrived; "
        + "b.qlog: asks for chunk 1, dropped on purpose when it arrived.")
    #expect(text.contains(pair.sentence))
    #expect(text.components(separatedBy: Self.mark).count == 3)
    #expect(text.components(separatedBy: ">first difference<").count == 3)
    #expect(text.contains(">a.qlog<") && text.contains(">b.qlog<"))
    #expect(XMLDocumentCheck(text).isSound)
  }

  @Test func whatOneSessionLacksIsMarkedToo() throws {
    let sides = try TwoSides()
    for chunk in UInt32(0)..<4 {
      sides.there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk == 1)
    }
    var pair = try LadderPair(
      try sides.ladder(), try session(nackDies: true), names: ("a", "b"), .firstLoss)
    let text = pair.document()
    #expect(
      pair.sentence.hasSuffix("a: there is none; b: asks for chunk 1, dropped on purpose when it arrived."))
    #expect(text.contains(">the other session has one here<") && text.contains(">first difference<"))
  }

  @Test func equalSessionsHaveNoMark() throws {
    let one = try session(nackDies: true)
    var pair = try LadderPair(one, one, names: ("a", "b"), .firstLoss)
    #expect(pair.divergence == nil && !pair.document().contains(Self.mark))
    #expect(pair.sentence == "No difference in what was sent, asked for, lost and repaired.")
  }
}
