import Testing
import Wire

@Suite struct WireErrorTests {
  private static let all: [WireError] = [
    .truncated(needed: 20, available: 3), .trailingBytes(expected: 40, available: 41), .badMagic(1),
    .unknownVersion(2), .unknownMessageType(99), .unexpectedMessageType(.data),
    .checksumMismatch(expected: 1, computed: 2), .emptyRange, .unorderedRange(first: 4),
    .beyondSequenceSpace(chunkCount: 1 << 33), .fieldOutOfRange(field: "k", value: 201),
    .invalidText(field: "host name"),
  ]

  @Test func countersHaveNamesOfTheirOwn() {
    #expect(Set(Self.all.map(\.name)).count == Self.all.count)
  }

  @Test(arguments: all)
  func saysItInOneLine(error: WireError) {
    #expect(!error.description.isEmpty)
    #expect(!error.description.contains("\n"))
  }

  @Test func aVersionMismatchNamesBothVersions() {
    #expect(WireError.unknownVersion(7).description.contains("version 7"))
    #expect(WireError.unknownVersion(7).description.contains("version 2"))
  }
}
