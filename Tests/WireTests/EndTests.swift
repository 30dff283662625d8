import Testing
import Wire

@Suite struct EndTests {
  @Test func refusesMoreThanTheSequenceSpace() {
    let end = End(round: 0, timestamp: 0, totalChunkCount: (1 << 32) + 1, grttCode: GrttCode(rawValue: 0))
    #expect(
      wireError(end.encode(sessionID: 0, packetNumber: 0)) == .beyondSequenceSpace(chunkCount: (1 << 32) + 1))
  }
}
