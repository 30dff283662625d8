import FileSet
import Ground
import Capture
import Testing

@Suite struct PredictionTests {
  /// Bytes of datagram payload, MTU, packets: by hand, RFC 791 §3.1.
  @Test(
    arguments: [
      (0, 1_500, 1), (1_472, 1_500, 1), (1_473, 1_500, 2), (45_000, 1_500, 31), (65_507, 1_500, 45),
      // The last fragment may fill the packet although it is no multiple of 8: 1,479 fit, others carry 1,472.
      (1_471, 1_499, 1), (1_472, 1_499, 2), (1_472 + 1_471, 1_499, 2), (1_472 + 1_472, 1_499, 3),
      (45_000, 9_000, 6), (1, 68, 1), (41, 68, 2),
    ] as [(UInt64, Int, UInt64)])
  func fragmentsOfADatagram(payload: UInt64, mtu: Int, packets: UInt64) {
    #expect(HeaderSizes(mtuByteCount: mtu).packetCount(ofDatagram: payload) == packets)
  }

  @Test func oneImageOf45000BytesOnEveryLayer() {
    let counts = HeaderSizes().datagram(payloadByteCount: 45_000)
    #expect(counts.payloadByteCount == 45_000)
    #expect(counts.transport == PacketCount(packets: 1, bytes: 45_008))
    #expect(counts.network == PacketCount(packets: 31, bytes: 45_628))
    #expect(counts.link == PacketCount(packets: 31, bytes: 46_062))
  }

  private func predict(
    _ name: TransferProtocol, _ mode: TransferMode, images: [UInt64] = [45_000, 100], receivers: Int = 3,
    sizes: HeaderSizes = HeaderSizes()
  ) -> Prediction {
    let set = AccountedSet(imageByteCounts: images, manifestByteCount: 100)
    return Predictor(set: set, receiverCount: receivers, sizes: sizes).predict(name, mode)
  }

  @Test(arguments: [(TransferMode.unicast, UInt64(3)), (.broadcast, 1), (.multicast, 1)])
  func naiveDatagramsOfTwoImages(mode: TransferMode, copies: UInt64) {
    let prediction = predict(.naive, mode)
    #expect(prediction.carriedByteCount == 45_100 * copies)
    #expect(prediction.total.transport == PacketCount(packets: 3, bytes: 45_100 + 24) * copies)
    #expect(prediction.total.network == PacketCount(packets: 33, bytes: 45_124 + 33 * 20) * copies)
    #expect(prediction.total.link == PacketCount(packets: 33, bytes: 45_124 + 33 * 34) * copies)
  }

  @Test func naiveConnectionsOfTwoImages() {
    let prediction = predict(.naive, .tcp)
    let data = prediction.lines.first { $0.kind == .tcpData }
    // 45,000 ÷ 1,448 is 31.08: 32 segments; the image of 100 bytes is one more; 3 receivers.
    #expect(data?.counts.transport == PacketCount(packets: 99, bytes: 3 * (45_100 + 33 * 32)))
    #expect(
      prediction.lines.first { $0.kind == .tcpSyn }?.counts.network == PacketCount(packets: 9, bytes: 540))
    #expect(
      prediction.lines.first { $0.kind == .tcpFin }?.counts.network == PacketCount(packets: 18, bytes: 936))
  }

  @Test func withoutTimeStampsSegmentsCarry1460Bytes() {
    #expect(HeaderSizes(usesTCPTimestamps: false).segmentByteCount == 1_460)
    #expect(HeaderSizes().segmentByteCount == 1_448)
  }

  @Test(arguments: [(TransferMode.unicast, UInt64(3)), (.broadcast, 1), (.multicast, 1)])
  func chunkedDatagramsOfTwoImages(mode: TransferMode, copies: UInt64) {
    // Chunks of 1,440: manifest 1, 45,004 in 32, 104 in 1.
    let data = predict(.chunked, mode).lines.first { $0.kind == .chunkedData }?.counts
    let bytes: UInt64 = 100 + 45_108
    #expect(data?.transport == PacketCount(packets: 34, bytes: bytes + 34 * 40) * copies)
    #expect(data?.network == PacketCount(packets: 34, bytes: bytes + 34 * 60) * copies)
  }

  /// The account's chunks are those of the sender's own layout.
  @Test(arguments: [[UInt64](), [0], [1], [1_440, 1_441, 0, 2_876, 2_877], [100_000, 5]])
  func chunksAreTheLayouts(images: [UInt64]) throws {
    let set = AccountedSet(imageByteCounts: images, manifestByteCount: 2_000)
    let predictor = Predictor(set: set, receiverCount: 1, sizes: HeaderSizes())
    let layout = try SetLayout(
      manifestByteCount: 2_000, fileByteCounts: images, chunkByteCount: predictor.chunkByteCount)
    #expect(predictor.predict(.chunked, .unicast).total.transport.packets == layout.totalChunkCount)
  }

  @Test(arguments: [
    ([65_508] as [UInt64], TransferMode.unicast, true), ([65_507], .unicast, false), ([65_508], .tcp, false),
    ([0], .tcp, true),
  ])
  func whatTheNaiveProtocolCannotCarryIsRefused(images: [UInt64], mode: TransferMode, isRefused: Bool) {
    let prediction = predict(.naive, mode, images: images)
    #expect((prediction.refusal != nil) == isRefused)
    #expect(prediction.lines.isEmpty == isRefused)
  }
}
