import Testing
import Viewer

struct TrafficTests {
  /// Each second 1,000 bytes in 10 datagrams, of which one more is lost; a NACK each 5 s.
  private static func sample(_ seconds: Double) -> Traffic.Sample {
    Traffic.Sample(
      seconds: seconds, byteCount: UInt64(seconds * 1_000), datagramCount: UInt64(seconds * 10),
      lostCount: UInt64(seconds), nackCount: UInt64(seconds / 5))
  }

  @Test func aYoungRunFillsTheStripFromItsBeginning() throws {
    var traffic = Traffic()
    #expect(traffic.bins(count: 3) == [nil, nil, nil] && traffic.latest == nil)
    for tick in 0...100 { traffic.add(Self.sample(Double(tick) / 10)) }
    #expect(traffic.window == 0...30)
    let bins = traffic.bins(count: 30)
    #expect(bins.prefix(10).allSatisfy { $0 != nil } && bins.dropFirst(10).allSatisfy { $0 == nil })
    for bin in bins.compactMap(\.self) { #expect(abs(bin.bytesPerSecond - 1_000) < 1) }
    #expect(bins.compactMap(\.?.nackCount).reduce(0, +) == 2)
    #expect(bins.compactMap(\.?.lossFraction).allSatisfy { abs($0 - 1 / 11) < 0.1 })
    #expect(abs(try #require(traffic.latest).bytesPerSecond - 1_000) < 1)
  }

  @Test func whatIsOlderThanTheWindowIsForgotten() {
    var traffic = Traffic()
    for tick in 0...1_000 { traffic.add(Self.sample(Double(tick) / 10)) }
    #expect(traffic.window == 70...100 && traffic.samples.count < 310)
    #expect(traffic.bins(count: 10).allSatisfy { abs(($0?.bytesPerSecond ?? 0) - 1_000) < 2 })
    traffic.add(Self.sample(1))
    #expect(traffic.samples.count == 1, "another session")
  }

  @Test func ofARecordedRunAllIsShownThatFits() {
    let samples = (0...20).map { Self.sample(Double($0) / 10) }
    let traffic = Traffic(samples: samples.prefix(11), at: 1, of: 2)
    #expect(traffic.window == 0...2)
    let bins = traffic.bins(count: 4)
    #expect(bins[0] != nil && bins[1] != nil && bins[2] == nil && bins[3] == nil)
    #expect(Traffic(samples: samples, at: 50, of: 100).window == 20...50)
    #expect(Traffic(samples: samples.prefix(0), at: 0, of: 0).bins(count: 2) == [nil, nil])
  }

  /// Counts that fall, as a foreign record may have them.
  @Test func nonsenseTrapsNowhere() {
    let samples = [
      Traffic.Sample(seconds: 0, byteCount: .max, datagramCount: 5, lostCount: .max, nackCount: .max),
      Traffic.Sample(seconds: 1, byteCount: 0, datagramCount: 0, lostCount: 0, nackCount: 0),
    ]
    let bins = Traffic(samples: samples, at: 1, of: 1).bins(count: 5)
    #expect(bins.compactMap(\.self).allSatisfy { $0.bytesPerSecond == 0 && $0.nackCount == 0 })
  }
}
