import Impairment
import Testing

@Suite struct DropRuleTests {
  private static func dropped(_ text: String, _ kinds: [UInt8]) throws -> [Int] {
    var link = ImpairedLink(
      try Impairment(parsing: text), seed: 1, direction: .towardsSender, receiver: 0)
    return kinds.indices.filter {
      link.handle(packetNumber: UInt64($0), kind: kinds[$0], byteCount: 100, now: 0) == .dropped(.listed)
    }
  }

  @Test(arguments: [
    ("drop:2", [UInt8(3), 3, 3, 3], [2]),
    ("drop:1-2", [3, 3, 3, 3], [1, 2]),
    ("drop:nack#1", [3, 5, 3, 5, 5], [1]),
    ("drop:nack#2,NACK#3", [3, 5, 3, 5, 5], [3, 4]),
    ("drop:end*", [8, 3, 8, 8], [0, 2, 3]),
    ("drop:0,end*,data#2", [3, 3, 8, 3], [0, 1, 2]),
    ("drop:type0*", [0, 1, 0], [0, 2]),
    ("drop:17", [3, 3], []),
  ])
  func exactlyTheListedAreDropped(text: String, kinds: [UInt8], expected: [Int]) throws {
    #expect(try Self.dropped(text, kinds) == expected)
  }

  @Test func everyMessageTypeHasItsName() {
    #expect((UInt8(1)...11).map { MessageKind.kind(named: MessageKind.name(of: $0)) } == Array(1...11))
    #expect(MessageKind.name(of: 12) == "type12")
    #expect(MessageKind.kind(named: "nak") == nil)
  }
}
