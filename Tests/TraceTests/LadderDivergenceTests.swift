import Testing
import Trace

struct LadderDivergenceTests {
  /// Chunk 1 of four is lost, a NACK asks for it, and the repair arrives. `reports` come in front of the
  /// NACK.
  private func session(lost: UInt32 = 1, nackDies: Bool = false, reports: UInt32 = 1) throws -> Ladder {
    let sides = try TwoSides()
    for chunk in UInt32(0)..<4 {
      sides.there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk == lost)
    }
    for number in 0..<reports { sides.back(Datagrams.report(number, held: 3), at: 5) }
    sides.back(Datagrams.nack(reports, [(lost, 1)]), at: 6, dropped: nackDies)
    if nackDies { sides.back(Datagrams.nack(reports + 1, [(lost, 1)]), at: 16) }
    sides.there(Datagrams.data(5, chunk: lost, isRepair: true), at: 18)
    return try sides.ladder()
  }

  @Test func aNackThatDiesIsTheDifference() throws {
    let (one, other) = (try session(), try session(nackDies: true))
    let found = try #require(LadderDivergence(one, other))
    #expect(found.kind == "NACK" && found.number == 1)
    let (first, second) = (try #require(found.first), try #require(found.second))
    #expect(one.datagrams[first].loss == nil)
    #expect(other.datagrams[second].loss == .arriving)
  }

  /// The NACK for another chunk is a consequence, and later.
  @Test func theEarliestDifferenceIsTold() throws {
    let found = try #require(LadderDivergence(try session(), try session(lost: 2)))
    #expect(found.kind == "data" && found.number == 2)
  }

  @Test func oneNackMoreIsADifference() throws {
    let (one, other) = (try session(), try session(nackDies: true))
    let sides = try TwoSides()
    for chunk in UInt32(0)..<4 {
      sides.there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk == 1)
    }
    sides.back(Datagrams.nack(0, [(1, 1)]), at: 6)
    sides.back(Datagrams.nack(1, [(1, 1)]), at: 16)
    sides.there(Datagrams.data(5, chunk: 1, isRepair: true), at: 18)
    let found = try #require(LadderDivergence(one, try sides.ladder()))
    #expect(found.kind == "NACK" && found.number == 2)
    #expect(found.first == nil && found.second != nil)
    #expect(LadderDivergence(other, other) == nil)
  }

  /// Reports follow a clock.
  @Test func moreReportsAreNone() throws {
    #expect(LadderDivergence(try session(), try session(reports: 3)) == nil)
  }
}
