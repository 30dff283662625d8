import Ground
import Impairment
import Session
import Simulation
import TestSupport
import Testing
import Wire

/// A room of many receivers: what they say does not grow with their number, and nobody waits for all of them.
@Suite struct LargeGroupTests {
  private static func scenario(_ receiverCount: Int, _ loss: String) throws -> Scenario {
    var scenario = Scenario(
      receiverCount: receiverCount, forward: [try Impairment(parsing: loss)],
      backward: [try Impairment(parsing: loss)],
      shared: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 500_000),
      rttNanoseconds: .milliseconds(20), fileChunkCount: 2_000, seed: 1)
    scenario.parity = Scenario.Parity(blockChunkCount: 200)
    return scenario
  }

  private final class Watch {
    /// Bytes on the wire that reached the sender in each tenth of a second.
    var heard: [Nanoseconds: Int] = [:]
    var firstDataAt: Instant?
  }

  /// Feedback stays below 2 % of the sender's rate, in each tenth of a second, with 100 receivers as with
  /// 400. The session begins one announce interval after its start. 400 receivers that each report 50 times a
  /// second, as in a small group, would take a fifth of the rate.
  @Test(arguments: [100, 400])
  func whatReceiversSayDoesNotGrowWithTheirNumber(receiverCount: Int) throws {
    let watch = Watch()
    let result = try Self.scenario(receiverCount, "1%").run(
      observer: SenderObserver(
        sent: { sent, now in
          if case .data = sent, watch.firstDataAt == nil { watch.firstDataAt = now }
        },
        received: { message, _, _, now in
          watch.heard[now.nanoseconds / .milliseconds(100), default: 0] +=
            message.byteCount + PacketSize.ethernetDatagram
        }))
    #expect(result.allComplete, "\(result.summary)")
    let most = Double(watch.heard.values.max() ?? 0) * 8 * 10
    #expect(most < 2e6, "\(most / 1e6) Mb/s")
    #expect((watch.firstDataAt ?? .never) < Instant(nanoseconds: 100_000_000))
  }

  /// Ten thousand receivers have more than a hundred million events. Without GALLERY_FULL: 500 receivers.
  @Test func thousandsOfReceiversComplete() throws {
    var scenario = try Self.scenario(FullRun.isAsked ? 10_000 : 500, "1%")
    scenario.fileChunkCount = FullRun.isAsked ? 1_000 : 200
    let result = scenario.run()
    #expect(result.allComplete, "\(result.summary.prefix(200))")
    #expect(!FullRun.isAsked || result.eventCount > 50_000_000)
  }
}
