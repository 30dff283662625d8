import Ground
import Foundation
import Naive
import Testing

/// Ctrl-C.
struct CancellationTests {
  @Test(arguments: Route.all)
  func aReceiverEndsAtOnce(route: Route) async throws {
    let receiver = try await RunningReceiver(route.receiving(into: nil))
    receiver.cancel()
    receiver.cancel()
    #expect(try await receiver.report().outcome == .cancelled)
  }

  @Test(arguments: [Route(mode: .unicast, host: "127.0.0.1"), Route(mode: .tcp, host: "127.0.0.1")])
  func aSenderEndsItsReceiversToo(route: Route) async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(route.receiving(into: nil))
    var configuration = route.sending(to: try #require(receiver.port))
    configuration.timing.pauseNanoseconds = 60_000_000_000
    configuration.timing.waitNanoseconds = 60_000_000_000
    let files = try scratch.files(smallImages(3))
    let sender = try NaiveSender(configuration)
    let sending = Task { try await onThread { try sender.run(files) } }
    try await waitUntil("the first image is there") {
      receiver.told.contains { if case .image = $0 { true } else { false } }
    }
    sender.cancel()
    let sent = try await sending.value
    let received = try await receiver.report()
    #expect(sent.isCancelled && sent.isEndSent && sent.imageCount == 1)
    #expect(received.outcome == .endMarker && received.imageCount == 1)
  }

  /// A TCP receiver that accepts and reads nothing: cancelling breaks that connection, and the end marker is
  /// tried.
  @Test func aBlockedSenderCanBeCancelled() async throws {
    let scratch = try Scratch()
    var receiving = Route(mode: .tcp, host: "127.0.0.1").receiving(into: nil)
    receiving.limits.silentPeerTimeoutNanoseconds = 2_000_000_000
    let receiver = try await RunningReceiver(receiving)
    let port = try #require(receiver.port)
    // The receiver takes one connection at a time: this one, and no other.
    let first = try RawSocket(stream: true, to: port)
    try first.send([1])
    let files = try scratch.files([("large.jpg", imageBytes(seed: 1, byteCount: 16_000_000))])
    let sender = try NaiveSender(Route(mode: .tcp, host: "127.0.0.1").sending(to: port))
    let sending = Task { try await onThread { try sender.run(files) } }
    try await Task.sleep(for: .milliseconds(300))
    sender.cancel()
    let sent = try await sending.value
    #expect(sent.isCancelled && sent.imageCount == 0)
    let received = try await receiver.report()
    #expect(received.imageCount == 0 && received.outcome == .endMarker)
    withExtendedLifetime(first) {}
  }
}
