import Testing
import Wire

@Suite struct ParityHeaderTests {
  private static func datagram(first: UInt32, symbol: UInt8, k: UInt8, stride: UInt8) -> [UInt8] {
    ReferenceDatagram.make(
      type: .parity, body: bigEndian(first) + [0, 0, 0, 0, 0, symbol, k, stride] + [1, 2, 3])
  }

  @Test(
    arguments: [
      (0, 0, 1, 1, nil),
      (0, 54, 200, 255, nil),
      (0, 253, 1, 1, nil),
      (.max, 0, 1, 255, nil),
      (.max - 398, 0, 200, 2, nil),
      (0, 0, 0, 1, .fieldOutOfRange(field: "block chunk count", value: 0)),
      (0, 0, 201, 1, .fieldOutOfRange(field: "block chunk count", value: 201)),
      (0, 55, 200, 1, .fieldOutOfRange(field: "symbol index", value: 55)),
      (0, 255, 1, 1, .fieldOutOfRange(field: "symbol index", value: 255)),
      (0, 0, 1, 0, .fieldOutOfRange(field: "block stride", value: 0)),
      (.max, 0, 2, 1, .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
      (.max - 397, 0, 200, 2, .beyondSequenceSpace(chunkCount: (1 << 32) + 1)),
    ] as [(UInt32, UInt8, UInt8, UInt8, WireError?)])
  func checksBlockAndSymbol(first: UInt32, symbol: UInt8, k: UInt8, stride: UInt8, error: WireError?) {
    #expect(wireError(Self.datagram(first: first, symbol: symbol, k: k, stride: stride)) == error)
  }
}
