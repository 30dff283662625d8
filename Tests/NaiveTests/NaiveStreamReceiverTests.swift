import Ground
import Foundation
import Naive
import Testing

/// What a TCP receiver makes of connections that do not go as they should.
struct NaiveStreamReceiverTests {
  private func receiving(_ scratch: Scratch) -> NaiveReceiveConfiguration {
    Route(mode: .tcp, host: "127.0.0.1").receiving(into: scratch.path + "/in")
  }

  private func sendImage(_ bytes: [UInt8], to port: Int) throws {
    let socket = try RawSocket(stream: true, to: port)
    try socket.send(bytes)
    socket.finish()
  }

  @Test func aBrokenConnectionLeavesNoHalfImage() async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(receiving(scratch))
    let port = try #require(receiver.port)
    try {
      let socket = try RawSocket(stream: true, to: port)
      socket.breakOnClose()
      try socket.send(imageBytes(seed: 1, byteCount: 1000))
    }()
    let whole = imageBytes(seed: 2, byteCount: 2000)
    try sendImage(whole, to: port)
    try sendImage([], to: port)
    let report = try await receiver.report()
    #expect(report.brokenConnectionCount == 1 && report.imageCount == 1 && report.connectionCount == 3)
    #expect(report.outcome == .endMarker)
    #expect(try scratch.inbox() == [inboxName(0): whole])
  }

  @Test func aSilentPeerDoesNotBlockTheNext() async throws {
    let scratch = try Scratch()
    var configuration = receiving(scratch)
    configuration.limits.silentPeerTimeoutNanoseconds = 200_000_000
    let receiver = try await RunningReceiver(configuration)
    let port = try #require(receiver.port)
    let silent = try RawSocket(stream: true, to: port)
    try silent.send([0xFF])
    try sendImage(imageBytes(seed: 2, byteCount: 500), to: port)
    try sendImage([], to: port)
    let report = try await receiver.report()
    #expect(report.brokenConnectionCount == 1 && report.imageCount == 1)
    #expect(
      receiver.told.contains { $0.description.contains("after 1 bytes (next to nothing came for 200 ms)") })
    withExtendedLifetime(silent) {}
  }

  /// A byte now and then is no progress.
  @Test func aPeerThatDripsDoesNotBlockTheNext() async throws {
    let scratch = try Scratch()
    var configuration = receiving(scratch)
    configuration.limits.silentPeerTimeoutNanoseconds = 200_000_000
    let receiver = try await RunningReceiver(configuration)
    let port = try #require(receiver.port)
    let dripping = try RawSocket(stream: true, to: port)
    let isBroken: @Sendable () -> Bool = {
      receiver.told.contains { if case .brokenConnection = $0 { true } else { false } }
    }
    try await waitUntil("the connection is given up") {
      if isBroken() { return true }
      try? dripping.send([1])
      return false
    }
    try sendImage(imageBytes(seed: 2, byteCount: 500), to: port)
    try sendImage([], to: port)
    let report = try await receiver.report()
    #expect(report.brokenConnectionCount == 1 && report.imageCount == 1)
  }

  @Test(arguments: [(1000, 1), (1001, 0)])
  func anImageAboveTheLimitIsDiscarded(byteCount: Int, kept: Int) async throws {
    let scratch = try Scratch()
    var configuration = receiving(scratch)
    configuration.limits.imageByteCount = 1000
    let receiver = try await RunningReceiver(configuration)
    let port = try #require(receiver.port)
    try sendImage(imageBytes(seed: 3, byteCount: byteCount), to: port)
    try sendImage([], to: port)
    let report = try await receiver.report()
    #expect(report.imageCount == kept && report.oversizeImageCount == 1 - kept)
    #expect(try scratch.inbox().count == kept)
  }

  @Test func connectionsAreTakenOneAfterTheOther() async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(receiving(scratch))
    let port = try #require(receiver.port)
    let first = try RawSocket(stream: true, to: port)
    let (a, b) = (imageBytes(seed: 1, byteCount: 300), imageBytes(seed: 2, byteCount: 300))
    try first.send(Array(a.prefix(100)))
    try sendImage(b, to: port)  // whole before the first is, but behind it
    try await Task.sleep(for: .milliseconds(100))
    #expect(!receiver.told.contains { if case .image = $0 { true } else { false } })
    try first.send(Array(a.dropFirst(100)))
    first.finish()
    try sendImage([], to: port)
    _ = try await receiver.report()
    #expect(try scratch.inbox() == [inboxName(0): a, inboxName(1): b])
  }
}
