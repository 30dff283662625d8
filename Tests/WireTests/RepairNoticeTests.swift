import Testing
import Wire

@Suite struct RepairNoticeTests {
  private static func datagram(flags: UInt8, first: UInt32, count: UInt32) -> [UInt8] {
    ReferenceDatagram.make(
      type: .repairNotice, flags: flags,
      body: [0, 0, 0, 0, 0, 0, 0, 1] + bigEndian(first) + bigEndian(count) + [0, 0, 0, 9])
  }

  @Test(
    arguments: [
      (0, 7, 0, .emptyRange),
      (0, .max, 1, nil),
      (0, .max, 2, .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
      (2, 7, 0, .emptyRange),
      (2, 7, 254, nil),
      (2, 7, 255, .fieldOutOfRange(field: "symbol count", value: 255)),
    ] as [(UInt8, UInt32, UInt32, WireError?)])
  func checksEntries(flags: UInt8, first: UInt32, count: UInt32, error: WireError?) {
    #expect(wireError(Self.datagram(flags: flags, first: first, count: count)) == error)
  }

  @Test func refusesAnEmptyList() {
    let bytes = ReferenceDatagram.make(type: .repairNotice, body: [UInt8](repeating: 0, count: 8))
    #expect(wireError(bytes) == .emptyRange)
  }

  @Test(arguments: [(1472, 120), (40, 1), (39, 0), (0, 0)])
  func capacity(datagramByteCount: Int, entryCount: Int) {
    #expect(RepairNotice.maxEntries(datagramByteCount: datagramByteCount) == entryCount)
  }
}
