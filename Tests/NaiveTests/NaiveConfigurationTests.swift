import Ground
import Naive
import Testing

/// A configuration is checked once, on the way in.
struct NaiveConfigurationTests {
  private static let day: UInt64 = 86_400_000_000_000

  @Test(arguments: [
    (NaiveEndpoint(mode: .unicast, host: ""), "no address"),
    (NaiveEndpoint(mode: .unicast, host: "::1", port: 0), "port 0 is outside 1…65535"),
    (NaiveEndpoint(mode: .unicast, host: "::1", port: 65_536), "port 65536"),
    (NaiveEndpoint(mode: .multicast, host: "239.1.1.1", timeToLive: 256), "time to live 256"),
  ])
  func badEndpointsAreRefused(endpoint: NaiveEndpoint, words: String) {
    let error = #expect(throws: NaiveError.self) {
      _ = try NaiveSender(NaiveSendConfiguration(endpoint: endpoint))
    }
    #expect(error?.description.contains(words) == true)
  }

  @Test func aReceiverMayTakeAnyPort() throws {
    _ = try NaiveReceiver(.init(endpoint: NaiveEndpoint(mode: .tcp, host: "::1", port: 0), into: nil))
  }

  @Test func lossIsForDatagrams() {
    let endpoint = NaiveEndpoint(mode: .tcp, host: "::1")
    var sending = NaiveSendConfiguration(endpoint: endpoint)
    sending.drop = { _, _ in false }
    #expect(throws: NaiveError.self) { _ = try NaiveSender(sending) }
    var receiving = NaiveReceiveConfiguration(endpoint: endpoint, into: nil)
    receiving.drop = { _, _ in false }
    #expect(throws: NaiveError.self) { _ = try NaiveReceiver(receiving) }
  }

  @Test func waitsAreAtMostADay() throws {
    let changes: [(inout NaiveSendConfiguration.Timing, UInt64) -> Void] = [
      { $0.pauseNanoseconds = $1 }, { $0.waitNanoseconds = $1 }, { $0.silentPeerTimeoutNanoseconds = $1 },
    ]
    for (number, change) in changes.enumerated() {
      var sending = NaiveSendConfiguration(endpoint: NaiveEndpoint(mode: .tcp, host: "::1"))
      change(&sending.timing, Self.day)
      _ = try NaiveSender(sending)
      change(&sending.timing, Self.day + 1)
      #expect(throws: NaiveError.self, "change \(number)") { _ = try NaiveSender(sending) }
    }
  }

  @Test func limitsOfAReceiverHaveRanges() {
    let changes: [(inout NaiveReceiveConfiguration) -> Void] = [
      { $0.limits.imageCount = 0 }, { $0.limits.imageCount = 1_000_001 }, { $0.limits.imageByteCount = 0 },
      { $0.limits.idleTimeoutNanoseconds = 0 }, { $0.limits.idleTimeoutNanoseconds = Self.day + 1 },
      { $0.limits.waitNanoseconds = Self.day + 1 }, { $0.inbox.firstNumber = -1 },
      { $0.limits.silentPeerTimeoutNanoseconds = Self.day + 1 }, { $0.receiveBufferByteCount = 0 },
      { $0.receiveBufferByteCount = 1 << 31 },
    ]
    for (number, change) in changes.enumerated() {
      var receiving = NaiveReceiveConfiguration(endpoint: NaiveEndpoint(mode: .tcp, host: "::1"), into: nil)
      change(&receiving)
      #expect(throws: NaiveError.self, "change \(number)") { _ = try NaiveReceiver(receiving) }
    }
  }
}
