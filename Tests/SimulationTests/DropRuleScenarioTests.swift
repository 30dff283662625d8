import Impairment
import Session
import Simulation
import Testing

/// "What happens if exactly this datagram is lost?" Every message whose loss could strand a session is lost
/// once, and more.
@Suite struct DropRuleScenarioTests {
  @Test(
    arguments: [
      "drop:announce#1", "drop:announce#1,announce#2,announce#3", "drop:data#1", "drop:data#201",
      "drop:data#199,data#200,data#201",
      "drop:end#1", "drop:end#1,end#2,end#3,end#4", "drop:close#1", "drop:close*", "drop:10-60;2%",
      "drop:150-240",
      "drop:17,notice#1", "drop:17,40,notice#1,notice#2", "drop:notice*;5%",
    ], [1, 3])
  func aLostMessageOfTheSenderIsMadeUpFor(drops: String, receiverCount: Int) throws {
    let result = Scenario(
      receiverCount: receiverCount, forward: [try Impairment(parsing: drops)], fileChunkCount: 200, seed: 5
    ).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(result.forward.listedDropCount > 0)
  }

  @Test(
    arguments: [
      "drop:join#1", "drop:nack#1", "drop:nack#1,nack#2,nack#3", "drop:report*",
      "drop:complete#1",
      "drop:complete#1,complete#2,complete#3", "drop:nack#1,complete#1,join#1",
    ], [1, 3])
  func aLostMessageOfTheReceiverIsMadeUpFor(drops: String, receiverCount: Int) throws {
    let result = Scenario(
      receiverCount: receiverCount, forward: [try Impairment(parsing: "5%")],
      backward: [try Impairment(parsing: drops)],
      fileChunkCount: 200, seed: 5
    ).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(result.backward.listedDropCount > 0)
  }

  /// A sender has to hear a join: nothing was sent yet that could be answered otherwise. The receiver listens
  /// on.
  @Test func withoutAJoinNobodyIsListening() throws {
    let result = Scenario(backward: [try Impairment(parsing: "drop:join*")], fileChunkCount: 200, seed: 5)
      .run()
    #expect(result.senderEnd == .nobodyListening && result.sender.firstDatagrams == 0, "\(result.summary)")
  }

  /// Without its close a receiver has its files all the same, and ends.
  @Test func aCloseThatNeverComesLeavesASuccess() throws {
    let result = Scenario(forward: [try Impairment(parsing: "drop:close*")], seed: 2).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(!result.receivers.contains { $0.isConfirmed })
  }
}
