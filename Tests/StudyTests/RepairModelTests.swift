import Study
import Testing

@Suite struct RepairModelTests {
  /// Expected sends per chunk with plain repairs and independent loss, computed apart from this program.
  @Test(arguments: [
    (0.01, 10, 1.10), (0.01, 100, 1.64), (0.01, 1_000, 2.10), (0.05, 100, 2.23), (0.05, 1_000, 3.04),
    (0.1, 10, 1.76),
  ])
  func sendsPerChunk(loss: Double, receivers: Int, expected: Double) {
    let sends = RepairModel.sendsPerChunk(lossFraction: loss, receiverCount: receivers)
    #expect(abs(sends - expected) < 0.0051, "\(sends)")
  }

  /// With parity, computed apart from this program as well.
  @Test(arguments: [
    (0.01, 1_000, 64, 1.071), (0.01, 1_000, 200, 1.040), (0.05, 3, 64, 1.078), (0.05, 10, 200, 1.080),
    (0.05, 1_000, 64, 1.173), (0.1, 10, 64, 1.183), (0.3, 10, 64, 1.587), (0.3, 10, 200, 1.516),
    (0.1, 1, 1, 1.111),
  ])
  func sendsPerChunkWithParity(loss: Double, receivers: Int, chunks: Int, expected: Double) {
    let sends = RepairModel.sendsPerChunk(
      lossFraction: loss, receiverCount: receivers, blockChunkCount: chunks)
    #expect(abs(sends - expected) < 0.00051, "\(sends)")
  }

  @Test(arguments: [0, 0.01, 0.5])
  func aBlockOfOneChunkIsAChunk(loss: Double) {
    let sends = RepairModel.sendsPerChunk(lossFraction: loss, receiverCount: 100, blockChunkCount: 1)
    let plain = RepairModel.sendsPerChunk(lossFraction: loss, receiverCount: 100)
    #expect(abs(sends - plain) < 1e-9, "\(sends), \(plain)")
  }

  @Test(arguments: [0, 0.01, 0.1, 0.3, 0.5, 0.9])
  func oneReceiverNeedsTheGeometricSeries(loss: Double) {
    let repairs = RepairModel.repairsPerChunk(lossFraction: loss, receiverCount: 1)
    #expect(abs(repairs - loss / (1 - loss)) < 1e-9)
  }

  /// 20 images of 31 fragments: 14.7 at 1 %, 4.1 at 5 %, 0.8 at 10 %.
  @Test(arguments: [(0, 20), (0.01, 14.65), (0.05, 4.08), (0.1, 0.76)])
  func naiveArrivals(loss: Double, expected: Double) {
    let images = RepairModel.naiveArrivals(
      fragmentCounts: Array(repeating: 31, count: 20), lossFraction: loss)
    #expect(abs(images - expected) < 0.01, "\(images)")
  }

  @Test(arguments: [(1, 1.0), (3, 3), (10, 7.25), (100, 3.07), (1_000, 4.86), (10_000, 7.71)])
  func nacksOfOneLossOfAll(receivers: Int, expected: Double) {
    #expect(abs(RepairModel.nacksPerLoss(receiverCount: receivers) - expected) < 0.006)
  }
}
