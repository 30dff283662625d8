import Impairment
import Simulation
import Testing

@Suite struct VirtualNetworkTests {
  typealias Network = VirtualNetwork<Int>

  private static func network(
    _ forward: [String], back: String = "none", receiverCount: Int,
    shared: Impairment.Bottleneck? = nil, seed: UInt64 = 1
  ) throws -> Network {
    Network(
      receiverCount: receiverCount, shared: shared,
      forward: try forward.map { try Impairment(parsing: $0) }, backward: [try Impairment(parsing: back)],
      seed: seed)
  }

  /// (time, receiver or −1 for the sender, message) of everything that arrives: at the receivers, then at the
  /// sender.
  private static func arrivals(_ network: inout Network) -> [[Int]] {
    var arrivals: [[Int]] = []
    while let (time, destination, _, message) = network.arrivalAtReceivers(through: .max) {
      switch destination {
      case .set(let set):
        for (word, bits) in network.receivers(of: set).enumerated() {
          for bit in 0..<64 where bits & (1 << UInt64(bit)) != 0 {
            arrivals.append([Int(time), word * 64 + bit, message])
          }
        }
        network.recycle(set: set)
      case .receiver(let receiver): arrivals.append([Int(time), receiver, message])
      }
    }
    while let (time, message) = network.arrivalAtSender(through: .max) {
      arrivals.append([Int(time), -1, message])
    }
    return arrivals
  }

  private static func facts(_ number: Int, kind: UInt8 = 3) -> DatagramFacts {
    DatagramFacts(packetNumber: UInt64(number), kind: kind, byteCount: 958)  // 1,000 on the wire
  }

  @Test func everyReceiverHasItsOwnPath() throws {
    var network = try Self.network(["delay:1us", "delay:2us"], back: "delay:5us", receiverCount: 3)
    network.sendToReceivers(7, Self.facts(0), now: 100)
    network.sendToSender(8, Self.facts(0, kind: 5), from: 2, now: 200)
    #expect(network.nextTimeAtReceivers == 1_100 && network.nextTimeAtSender == 5_200)
    let early = network.arrivalAtReceivers(through: 1_099)
    #expect(early == nil)
    #expect(
      Self.arrivals(&network) == [
        [1_100, 0, 7], [1_100, 2, 7], [2_100, 1, 7], [5_200, -1, 8],
      ])
    #expect(network.sentBySender.datagramCount(kind: 3) == 1)
    #expect(network.sentBySender.wireByteCount == 1_000)
    #expect(network.sentByReceivers.datagramCount(kind: 5) == 1)
  }

  @Test func aGroupSharesTheSendersInterface() throws {
    // 8 Mbit/s: 1,000 bytes take 1 ms; room for two.
    var network = try Self.network(
      ["none"], receiverCount: 2, shared: .init(rateBitsPerSecond: 8_000_000, bufferByteCount: 2_000))
    for number in 0..<3 { network.sendToReceivers(number, Self.facts(number), now: 0) }
    #expect(
      Self.arrivals(&network) == [
        [1_000_000, 0, 0], [1_000_000, 1, 0], [2_000_000, 0, 1], [2_000_000, 1, 1],
      ])
    #expect(network.sharedQueue?.overflowCount == 1)
  }

  /// A queue of 0.9 ms or more marks, in the sender's interface and in the path of one receiver, and only
  /// what may be marked. The digest tells a marked datagram from another.
  @Test func aQueueMarksWhatMayBeMarked() throws {
    func marks(shared: String, path: String, allowed: Bool) throws -> ([Int: Int], UInt64) {
      var network = try Self.network(
        ["none", path], receiverCount: 2, shared: Impairment(parsing: shared).bottleneck)
      for number in 0..<4 {
        var facts = Self.facts(number)
        facts.mayBeMarked = allowed
        network.sendToReceivers(number, facts, now: 0)
      }
      var marks = [0: 0, 1: 0]
      while let (_, destination, isMarked, _) = network.arrivalAtReceivers(through: .max) {
        guard isMarked else { continue }
        switch destination {
        case .set(let set):
          let bits = network.receivers(of: set)[0]
          for receiver in 0...1 where bits & 1 << receiver != 0 { marks[receiver, default: 0] += 1 }
        case .receiver(let receiver): marks[receiver, default: 0] += 1
        }
      }
      return (marks, network.digest.value)
    }
    // 8 Mbit/s: 1,000 bytes take 1 ms, so that the second waits for 1 ms.
    let (slow, fast) = ("rate:8Mbit;buffer:1s;mark:900us", "rate:1Gbit;buffer:1s")
    #expect(try marks(shared: slow, path: "none", allowed: true).0 == [0: 3, 1: 3])
    #expect(try marks(shared: fast, path: slow, allowed: true).0 == [0: 0, 1: 3])
    #expect(try marks(shared: slow, path: slow, allowed: false).0 == [0: 0, 1: 0])
    #expect(
      try marks(shared: slow, path: "none", allowed: true).1
        != marks(shared: slow, path: "none", allowed: false).1)
  }

  @Test func aCorruptedCopyIsCountedAndNotDelivered() throws {
    var network = try Self.network(["corrupt:100%"], receiverCount: 1)
    network.sendToReceivers(1, Self.facts(0), now: 0)
    #expect(Self.arrivals(&network).isEmpty)
    #expect(network.corruptedCopyCount == 1)
  }

  @Test func anotherReceiverChangesNothingForTheOthers() throws {
    func received(_ receiverCount: Int) throws -> [[Int]] {
      var network = try Self.network(["20%;dup:10%;jitter:1us"], receiverCount: receiverCount, seed: 5)
      for number in 0..<500 { network.sendToReceivers(number, Self.facts(number), now: UInt64(number) * 10) }
      return Self.arrivals(&network).filter { $0[1] < 2 }
    }
    #expect(try received(2) == received(40))
  }

  /// The fates at many equal paths are drawn in one pass. With two entries, though equal, each receiver has a
  /// link of its own. Both must do the same.
  @Test func equalPathsAreDecidedTogetherAsTheyAreOneByOne() throws {
    func run(_ forward: [String]) throws -> ([[Int]], TraceDigest, ImpairmentCounters) {
      var network = try Self.network(forward, receiverCount: 130, seed: 9)
      for number in 0..<300 { network.sendToReceivers(number, Self.facts(number), now: UInt64(number) * 10) }
      return (Self.arrivals(&network), network.digest, network.forwardCounters)
    }
    let together = try run(["30%;delay:1us"])
    let oneByOne = try run(["30%;delay:1us", "30%;delay:1us"])
    #expect(together.0 == oneByOne.0)
    #expect(together.1 == oneByOne.1)
    #expect(together.2 == oneByOne.2)
    #expect(together.2.randomLossCount > 0)
  }

  /// The sender's datagrams of a window are given to the network before those of the receivers. The digest is
  /// as if all were given in the order of time; at equal times the sender's are first.
  @Test(arguments: [["20%;jitter:1us"], ["30%"]])
  func theDigestFollowsTimeAlthoughTheSenderIsAhead(forward: [String]) throws {
    func digest(isAhead: Bool) throws -> TraceDigest {
      var network = try Self.network(forward, back: "10%", receiverCount: 70, seed: 3)
      let times = (0..<40).map { UInt64($0) * 7 }
      func send(at time: UInt64) {
        network.sendToReceivers(1, Self.facts(Int(time)), now: time)
        network.sendToReceivers(2, Self.facts(Int(time) + 1), now: time)
      }
      if isAhead { times.forEach(send) }
      for time in times {
        if !isAhead { send(at: time) }
        for receiver in 0..<3 {
          network.sendToSender(
            3, Self.facts(Int(time), kind: 5), from: receiver, now: time + UInt64(receiver))
        }
      }
      network.close(through: times[39])
      return network.digest
    }
    #expect(try digest(isAhead: true) == digest(isAhead: false))
  }

  @Test func theDigestRepeatsAndTellsSeedsApart() throws {
    func digest(_ seed: UInt64) throws -> TraceDigest {
      var network = try Self.network(["5%;jitter:1us"], receiverCount: 3, seed: seed)
      for number in 0..<200 { network.sendToReceivers(number, Self.facts(number), now: UInt64(number)) }
      return network.digest
    }
    #expect(try digest(1) == digest(1))
    #expect(try digest(1) != digest(2))
  }
}
