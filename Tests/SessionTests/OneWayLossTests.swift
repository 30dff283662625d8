import Accounting
import Ground
import Session
import Testing
import Wire

/// One-way sessions, of which datagrams are lost by enumeration, and to which receivers come late.
@Suite struct OneWayLossTests {
  struct Session: CustomTestStringConvertible, Sendable {
    var hasParity: Bool
    var roundCount: UInt64
    var testDescription: String { "parity \(hasParity ? "on" : "off"), \(roundCount) rounds" }

    /// Two receivers, 16 chunks, in one block with parity.
    func network(lose: @escaping (Traffic) -> Bool) -> SessionNetwork {
      SessionNetwork(
        receiverCount: 2, fileChunks: 14, controller: .fixed(bitsPerSecond: 20e6),
        rateLimitBitsPerSecond: 20e6, hasParity: hasParity, oneWayRounds: roundCount, lose: lose)
    }

    /// The number of datagrams to receiver 0. All others have the same way.
    func datagramCount() -> Int {
      var count = 0
      var network = network { traffic in
        if traffic.receiver == 0 { count += 1 }
        return false
      }
      network.run()
      return count
    }

    /// A run in which receiver 0 loses the datagrams whose places among its own these are.
    func run(losing isLost: @escaping (Int) -> Bool) -> SessionNetwork {
      var place = -1
      var network = network { traffic in
        guard traffic.receiver == 0 else { return false }
        place += 1
        return isLost(place)
      }
      network.run()
      return network
    }
  }

  /// Enough for the loss of any two.
  static let sessions = [Session(hasParity: true, roundCount: 1), Session(hasParity: false, roundCount: 3)]

  @Test(arguments: sessions)
  func theLossOfOneOrTwoDatagramsIsRepaired(session: Session) {
    let count = session.datagramCount()
    #expect(count > 25)
    for first in 0..<count {
      for second in first..<count {
        let network = session.run { $0 == first || $0 == second }
        Self.expectSound(network, "\(first), \(second)")
        #expect(network.isWhole(0), "without \(first), \(second): \(network.summary)")
      }
    }
  }

  /// From a moment on nothing arrives, or up to a moment nothing has arrived. What is not whole ends with a
  /// reason, or was never begun.
  @Test(arguments: sessions + [Session(hasParity: true, roundCount: 2)], [false, true])
  func whenAllIsLostBeforeOrBehindAMomentBothSidesEnd(session: Session, isBehind: Bool) {
    let count = session.datagramCount()
    for moment in 0...count {
      let network = session.run { isBehind ? $0 >= moment : $0 < moment }
      Self.expectSound(network, "\(isBehind ? "those from" : "those before") \(moment)")
      guard !network.isWhole(0) else { continue }
      let end = network.end(of: 0)
      #expect(
        isBehind
          ? end == .senderSilent || network.receivers[0].phase == .listening
          : end == .senderDone || network.receivers[0].phase == .listening, "\(network.summary)")
    }
  }

  /// With parity a receiver that has an announce is whole with any 16 of the datagrams that follow.
  @Test func aLateReceiverIsWholeWithAsManyDatagramsAsTheSetHasChunks() {
    let session = Session(hasParity: true, roundCount: 2)
    // Before the round: three announces, and one of the span. Then 23 datagrams, an announce, 23 and one.
    for lost in 4..<12 {
      let network = session.run { (3 + lost..<27).contains($0) }
      #expect(network.isWhole(0), "\(lost): \(network.summary)")
    }
    let late = session.run { $0 < 27 }
    #expect(late.isWhole(0), "\(late.summary)")
    // The circle of 16 chunks and 12 symbols has five symbols left.
    #expect(late.receivers[0].counters.rebuiltChunks == 5)
  }

  /// The sender is done, the receivers have sent nothing, and receiver 1, which loses nothing, is whole.
  private static func expectSound(_ network: SessionNetwork, _ lost: String) {
    #expect(network.senderEnd == .finished, "without \(lost): \(network.summary)")
    #expect(network.isWhole(1), "without \(lost): \(network.summary)")
    #expect(network.end(of: 0) != nil || network.receivers[0].phase == .listening, "without \(lost)")
    for type in [.join, .nack, .report, .complete] as [MessageType] {
      #expect(network.sentCounts[type] == nil, "without \(lost): \(type)")
    }
    #expect(network.senderAccount.imbalances == [], "without \(lost)")
    for index in network.receivers.indices {
      #expect(network.account(of: index).imbalances == [], "without \(lost)")
    }
    #expect(network.keptTwice == 0 && network.parityOwners.allSatisfy { $0.wrongCount == 0 })
  }
}
