import Lab
import Testing

@Suite struct StudyModelTests {
  /// Sends per chunk by field.md: plain repairs, independent loss.
  @Test(arguments: [
    (0.01, 10, 1.10), (0.01, 100, 1.64), (0.01, 1_000, 2.10), (0.05, 100, 2.23), (0.05, 1_000, 3.04),
    (0.1, 10, 1.76),
  ])
  func sendsPerChunk(loss: Double, receivers: Int, expected: Double) {
    let sends = RepairModel.sendsPerChunk(lossFraction: loss, receiverCount: receivers)
    #expect(abs(sends - expected) < 0.0051, "\(sends)")
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

  @Test(arguments: [
    ("0:30:5", [0, 5, 10, 15, 20, 25, 30]), ("0,1,5,10", [0, 1, 5, 10]), ("5%,1%", [1, 5]),
    ("0:1:0.25", [0, 0.25, 0.5, 0.75, 1]),
    ("0:0.3:0.1", [0, 0.1, 0.2, 0.3]), ("0:4:3,10", [0, 3, 10]), ("7", [7]),
  ])
  func sweeps(text: String, expected: [Double]) { #expect(SweepText.values(text) == expected) }

  @Test(arguments: ["", ",", "a", "1:2", "3:1:1", "0:1:0", "0:1e9:1", "0:10:-1", "nan", "1,,2"])
  func refusedSweeps(text: String) { #expect(SweepText.values(text) == nil) }
}
