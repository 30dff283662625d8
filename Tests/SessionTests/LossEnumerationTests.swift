import Accounting
import Ground
import Session
import TestSupport
import Testing
import Wire

/// Every datagram of a small session is lost: alone, with each other one, and with all later ones of its
/// type. Every session ends, whole or in a failure that both sides name alike.
@Suite struct LossEnumerationTests {
  struct Session: CustomTestStringConvertible, Sendable {
    var receiverCount: Int
    var hasParity: Bool
    /// Symbols for each chunk that leave unasked.
    var fixedShare: Double?
    var testDescription: String {
      "\(receiverCount) receivers, parity \(hasParity ? "on" : "off")"
        + (fixedShare.map { ", fixed \($0)" } ?? "")
    }

    /// 16 chunks, in one block with parity. Each receiver misses two others of them.
    func network(lose: @escaping (Place) -> Bool) -> SessionNetwork {
      SessionNetwork(
        receiverCount: receiverCount, fileChunks: 14, hasParity: hasParity, fixedParityShare: fixedShare
      ) { traffic in
        if traffic.type == .data, !traffic.isRepair, let chunk = traffic.chunk,
          [3, 7].contains(Int(chunk) - traffic.receiver)
        {
          return true
        }
        return lose(Place(traffic))
      }
    }

    /// The datagrams of a run in which no other is lost.
    func places() -> [Place] {
      var places: [Place] = []
      var network = network { place in
        places.append(place)
        return false
      }
      network.run()
      return places
    }
  }

  /// One datagram of a session.
  struct Place: Hashable, Sendable {
    var isFromSender: Bool
    var receiver: Int
    var type: MessageType
    var ordinal: Int

    init(_ traffic: Traffic) {
      isFromSender = traffic.isFromSender
      receiver = traffic.receiver
      type = traffic.type
      ordinal = traffic.ordinal
    }

    /// A later datagram of the same type on the same way, or this one.
    func isFollowed(by other: Place) -> Bool {
      isFromSender == other.isFromSender && receiver == other.receiver && type == other.type
        && ordinal <= other.ordinal
    }
  }

  static let sessions = [true, false].flatMap { hasParity in
    [1, 2].map { Session(receiverCount: $0, hasParity: hasParity) }
  }

  /// One symbol in sixteen chunks: too few for what is lost.
  static let fixedSessions = [1, 2].map {
    Session(receiverCount: $0, hasParity: true, fixedShare: 0.05)
  }

  @Test(arguments: sessions + fixedSessions)
  func theLossOfOneDatagramIsRepaired(session: Session) {
    let places = session.places()
    let hasSymbols = session.hasParity && session.receiverCount > 1 || session.fixedShare != nil
    #expect(Set(places.map(\.type)).count >= (hasSymbols ? 10 : 9))
    for place in places {
      var network = session.network { $0 == place }
      network.run()
      Self.expectSound(network, "\(place)")
      #expect(network.allWhole, "without \(place): \(network.summary)")
    }
  }

  /// Chunks of the first pass are alike: one of four is enough.
  @Test(arguments: sessions + (FullRun.isAsked ? fixedSessions : []))
  func theLossOfTwoDatagramsIsRepaired(session: Session) {
    let places = session.places().filter { $0.type != .data || $0.ordinal % 4 == 0 }
    for (index, first) in places.enumerated() {
      for second in places[(index + 1)...] {
        var network = session.network { $0 == first || $0 == second }
        network.run()
        #expect(network.allWhole, "without \(first), \(second): \(network.summary)")
      }
    }
  }

  /// From a moment on, one receiver sends or gets no datagram of one type, or none at all.
  @Test(arguments: sessions + fixedSessions, [false, true])
  func whenAllIsLostFromAMomentOnBothSidesEnd(session: Session, ofEveryType: Bool) {
    for place in session.places() where place.receiver == 0 {
      var hasBegun = false
      var network = session.network { other in
        hasBegun = hasBegun || other == place
        return ofEveryType
          ? hasBegun && other.receiver == 0 && other.isFromSender == place.isFromSender
          : place.isFollowed(by: other)
      }
      network.run(until: Instant(nanoseconds: 400_000_000_000))
      Self.expectSound(network, "\(place) and later ones")
      if session.receiverCount > 1 {
        #expect(network.isWhole(1), "beside the loss of \(place) and later ones: \(network.summary)")
      }
    }
  }

  /// Both sides have ended, say the same, and their accounts balance.
  private static func expectSound(_ network: SessionNetwork, _ lost: String) {
    #expect(network.senderEnd != nil, "without \(lost): \(network.summary)")
    for index in network.receivers.indices {
      let isOver = network.end(of: index) != nil || network.receivers[index].phase == .listening
      #expect(isOver, "without \(lost): \(network.summary)")
      let outcome = network.sender.peer(UInt64(index) + 1)?.outcome
      #expect(
        network.senderEnd != .finished || outcome != .underWay, "without \(lost): \(network.summary)")
      if outcome?.isWhole ?? false {
        #expect(network.isWhole(index), "without \(lost): \(network.summary)")
      }
      #expect(network.account(of: index).imbalances == [], "without \(lost)")
    }
    #expect(network.keptTwice == 0 && network.parityOwners.allSatisfy { $0.wrongCount == 0 })
    #expect(network.senderAccount.imbalances == [], "without \(lost)")
  }
}
