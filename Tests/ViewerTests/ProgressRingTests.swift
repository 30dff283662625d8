import Testing
import Viewer

struct ProgressRingTests {
  /// The pixels of the wide arc.
  private func arrived(_ fraction: Double, side: Int = 64) -> Int {
    ProgressRing.pixels(side: side, fraction: fraction).count { $0 & 0xFF > 200 && $0 >> 16 & 0xFF < 120 }
  }

  @Test func itGrowsWithWhatHasArrived() {
    let counts = [0, 0.25, 0.5, 0.75, 1].map { arrived($0) }
    #expect(counts[0] == 0)
    for (less, more) in zip(counts, counts.dropFirst()) { #expect(more > less + 100) }
    #expect(abs(counts[2] * 2 - counts[4]) < counts[4] / 10)
  }

  /// The first chunk shows, and a ring is full only when the image is whole.
  @Test(arguments: [(0, 0), (0.000_01, 1), (0.999_99, 47), (1, 48), (2, 48), (-1, 0), (.nan, 0)])
  func steps(fraction: Double, step: Int) {
    #expect(ProgressRing.step(of: fraction) == step)
  }

  @Test(arguments: [(-4, 64), (8, 64), (100_000, 512 * 512)])
  func theSizeIsBounded(side: Int, pixelCount: Int) {
    #expect(ProgressRing.pixels(side: side, fraction: 0.5).count == pixelCount)
  }

  /// Also without colours: the arc of what has arrived is wider.
  @Test func arrivedIsWider() {
    let pixels = ProgressRing.pixels(side: 100, fraction: 0.5)
    func width(_ columns: Range<Int>) -> Int { columns.count { pixels[50 * 100 + $0] >> 24 > 230 } }
    #expect(width(50..<100) > 2 * width(0..<50))
    #expect(pixels[0] == 0, "transparent outside")
  }
}
