import Impairment
import Testing

@Suite struct ImpairedLinkTests {
  private static func link(_ text: String, seed: UInt64 = 1) throws -> ImpairedLink {
    ImpairedLink(
      try Impairment(parsing: text), seed: seed, direction: .towardsReceiver, receiver: 0)
  }

  @Test func withoutImpairmentNothingHappens() throws {
    var link = try Self.link("none")
    for number in UInt64(0)..<1_000 {
      let verdict = link.handle(packetNumber: number, kind: 3, byteCount: 1_500, now: number)
      #expect(verdict == .untouched)
    }
    #expect(link.counters.deliveredCount == 1_000)
  }

  @Test func delayAndJitterStayInBoundsAndInOrder() throws {
    var link = try Self.link("delay:20ms;jitter:5ms")
    var last: UInt64 = 0
    var delays: Set<UInt64> = []
    for number in UInt64(0)..<2_000 {
      let now = number * 100_000
      guard case .delivered(let delivery) = link.handle(packetNumber: number, kind: 3, byteCount: 1, now: now)
      else {
        Issue.record("dropped")
        return
      }
      #expect((20_000_000...25_000_000).contains(delivery.delayNanoseconds))
      #expect(now + delivery.delayNanoseconds >= last)
      last = now + delivery.delayNanoseconds
      delays.insert(delivery.delayNanoseconds)
    }
    #expect(delays.count > 500)
  }

  @Test func reorderingHoldsSomeBackAndLetsOthersPass() throws {
    var link = try Self.link("delay:1ms;reorder:10%,3ms")
    var held = 0
    for number in UInt64(0)..<10_000 {
      switch link.handle(packetNumber: number, kind: 3, byteCount: 1, now: number * 1_000) {
      case .delivered(Delivery(delayNanoseconds: 1_000_000)): continue
      case .delivered(Delivery(delayNanoseconds: 4_000_000, isHeldBack: true)): held += 1
      case let other: Issue.record("\(other)")
      }
    }
    #expect((850...1_150).contains(held))
    #expect(link.counters.reorderedCount == UInt64(held))
  }

  @Test func duplicatesComeTwice() throws {
    var link = try Self.link("dup:20%")
    let doubled = (UInt64(0)..<10_000).count {
      link.handle(packetNumber: $0, kind: 3, byteCount: 1, now: 0)
        == .duplicated(Delivery(delayNanoseconds: 0), Delivery(delayNanoseconds: 0))
    }
    #expect((1_800...2_200).contains(doubled))
    #expect(link.counters.duplicatedCount == UInt64(doubled))
    #expect(link.counters.deliveredCount == 10_000 + UInt64(doubled))
  }

  @Test func corruptionFlipsOneBitAnywhereInTheDatagram() throws {
    var link = try Self.link("corrupt:100%")
    var counts = [Int](repeating: 0, count: 32)
    for number in UInt64(0)..<32_000 {
      guard
        case .delivered(let delivery) = link.handle(
          packetNumber: number, kind: 3, byteCount: 50, corruptibleByteCount: 4, now: 0),
        let bit = delivery.flippedBitIndex
      else {
        Issue.record("not corrupted")
        return
      }
      counts[bit] += 1
    }
    #expect(chiSquare(counts, expected: 1_000) < 75)  // 31 degrees of freedom
    #expect(link.counters.corruptedCount == 32_000)
  }

  @Test func truncationLeavesAnyPartButTheWhole() throws {
    var link = try Self.link("truncate:100%")
    var counts = [Int](repeating: 0, count: 33)
    for number in UInt64(0)..<32_000 {
      guard
        case .delivered(let delivery) = link.handle(
          packetNumber: number, kind: 3, byteCount: 75, corruptibleByteCount: 33, now: 0),
        let byteCount = delivery.truncatedByteCount
      else {
        Issue.record("not truncated")
        return
      }
      #expect(!delivery.isSound && delivery.byteCount(of: 33) == byteCount)
      counts[byteCount] += 1
    }
    #expect(counts[0] == 0)
    #expect(chiSquare(Array(counts.dropFirst()), expected: 1_000) < 75)  // 31 degrees of freedom
    #expect(link.counters.truncatedCount == 32_000)
  }

  /// Truncation has draws of its own: the other fates stay as they are without it.
  @Test func truncationChangesNoOtherFate() throws {
    let text = "10%;dup:20%;corrupt:20%;reorder:20%"
    var plain = try Self.link(text)
    var cut = try Self.link(text + ";truncate:50%")
    for number in UInt64(0)..<1_000 {
      let one = plain.handle(packetNumber: number, kind: 3, byteCount: 9, now: number * 10_000_000)
      let other = cut.handle(packetNumber: number, kind: 3, byteCount: 9, now: number * 10_000_000)
      #expect(one == other.whole)
    }
    #expect(cut.counters.truncatedCount > 400)
  }

  /// A datagram of one byte would become an empty one, which ends a transfer of the naive protocol.
  @Test(arguments: [0, 1]) func aDatagramOfOneByteIsNotTruncated(byteCount: Int) throws {
    var link = try Self.link("truncate:100%")
    #expect(link.handle(packetNumber: 0, kind: 0, byteCount: byteCount, now: 0) == .untouched)
  }

  @Test func anEmptyDatagramCannotBeCorrupted() throws {
    var link = try Self.link("corrupt:100%")
    let verdict = link.handle(packetNumber: 0, kind: 0, byteCount: 0, now: 0)
    #expect(verdict == .untouched)
  }

  @Test(arguments: [(0, [UInt8(0x80), 0]), (7, [1, 0]), (8, [0, 0x80]), (15, [0, 1]), (16, [0, 0])])
  func aFlipIsOneBit(index: Int, expected: [UInt8]) {
    var bytes: [UInt8] = [0, 0]
    var span = bytes.mutableSpan
    Delivery(delayNanoseconds: 0, flippedBitIndex: index).apply(to: &span)
    #expect(bytes == expected)
  }

  @Test func theBottleneckDelaysAndDrops() throws {
    var link = try Self.link("rate:12Mbit;buffer:3000B;delay:1ms")
    let verdicts = (UInt64(0)..<4).map { link.handle(packetNumber: $0, kind: 3, byteCount: 1_500, now: 0) }
    #expect(
      verdicts == [
        .delivered(Delivery(delayNanoseconds: 2_000_000)), .delivered(Delivery(delayNanoseconds: 3_000_000)),
        .dropped(.queueOverflow), .dropped(.queueOverflow),
      ])
    #expect(link.counters.queueOverflowCount == 2)
  }

  @Test func anOutageLastsItsTime() throws {
    var link = try Self.link("outage:2us,3us")
    let verdicts = [1_999, 2_000, 4_999, 5_000].map {
      link.handle(packetNumber: $0, kind: 3, byteCount: 1, now: $0)
    }
    #expect(verdicts == [.untouched, .dropped(.listed), .dropped(.listed), .untouched])
  }

  /// Turning another impairment on must not move the losses, or no two runs could be compared.
  @Test func lossesDoNotMoveWhenOtherImpairmentsAreAdded() throws {
    var plain = try Self.link("burst:5%,8")
    var more = try Self.link("burst:5%,8;delay:3ms;jitter:1ms;dup:10%;corrupt:5%;reorder:5%;rate:1Gbit")
    for number in UInt64(0)..<20_000 {
      let first = plain.handle(packetNumber: number, kind: 3, byteCount: 100, now: number * 10_000)
      let second = more.handle(packetNumber: number, kind: 3, byteCount: 100, now: number * 10_000)
      #expect((first == .dropped(.randomLoss)) == (second == .dropped(.randomLoss)))
    }
    #expect(plain.counters.randomLossCount > 500)
  }

  @Test func countersAddUp() throws {
    var total = ImpairmentCounters()
    for seed in UInt64(1)...3 {
      var link = try Self.link("10%;dup:5%;corrupt:5%;reorder:5%;drop:7;rate:10Mbit;buffer:20kB", seed: seed)
      var copies: UInt64 = 0
      for number in UInt64(0)..<5_000 {
        switch link.handle(packetNumber: number, kind: 3, byteCount: 1_000, now: number * 700_000) {
        case .dropped: continue
        case .delivered: copies += 1
        case .duplicated: copies += 2
        }
      }
      #expect(link.counters.deliveredCount == copies)
      total += link.counters
    }
    #expect(total.offeredCount == 15_000)
    #expect(total.listedDropCount == 3)
    #expect(total.queueOverflowCount > 0)
  }
}

extension Verdict {
  /// The same without truncation.
  fileprivate var whole: Verdict {
    func whole(_ delivery: Delivery) -> Delivery {
      var delivery = delivery
      delivery.truncatedByteCount = nil
      return delivery
    }
    return switch self {
    case .dropped: self
    case .delivered(let one): .delivered(whole(one))
    case .duplicated(let one, let two): .duplicated(whole(one), whole(two))
    }
  }
}
