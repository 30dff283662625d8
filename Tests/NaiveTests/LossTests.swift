import Ground
import Foundation
import Naive
import Testing

/// What the protocol does when datagrams are lost: exactly what Specs/naive.md §6 says.
struct LossTests {
  @Test(arguments: Route.datagrams)
  func aLostImageShiftsAllBehindIt(route: Route) async throws {
    let scratch = try Scratch()
    let images = smallImages(4)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    var configuration = route.sending(to: try #require(receiver.port))
    configuration.drop = { number, byteCount in number == 1 && byteCount == 45_001 }
    let sent = try await send(try scratch.files(images), configuration)
    let received = try await receiver.report()

    #expect(
      try scratch.inbox() == [
        inboxName(0): images[0].bytes, inboxName(1): images[2].bytes, inboxName(2): images[3].bytes,
      ])
    #expect(received.outcome == .endMarker, "and the receiver calls it the end, as it cannot know better")
    #expect(sent.imageCount == 3 && sent.droppedDatagramCount == 1 && sent.datagramCount == 4)
  }

  @Test func aLostEndMarkerEndsByTheIdleTimeout() async throws {
    let scratch = try Scratch()
    let route = Route(mode: .unicast, host: "127.0.0.1")
    var receiving = route.receiving(into: scratch.path + "/in")
    receiving.limits.idleTimeoutNanoseconds = 3_000_000_000
    let receiver = try await RunningReceiver(receiving)
    var sending = route.sending(to: try #require(receiver.port))
    sending.drop = { _, byteCount in byteCount == 0 }
    let sent = try await send(try scratch.files(smallImages(3)), sending)
    let received = try await receiver.report()

    #expect(!sent.isEndSent && sent.droppedDatagramCount == 1)
    #expect(received.outcome == .idleTimeout && received.imageCount == 3)
    let last = try #require(receiver.told.last).description
    #expect(last == "gave up waiting: 3 images came, the end marker never did")
  }

  @Test func lossAtTheReceiverIsCounted() async throws {
    let scratch = try Scratch()
    let route = Route(mode: .unicast, host: "127.0.0.1")
    var receiving = route.receiving(into: scratch.path + "/in")
    receiving.drop = { number, _ in number % 2 == 0 && number < 6 }
    let receiver = try await RunningReceiver(receiving)
    let sent = try await send(
      try scratch.files(smallImages(6)), route.sending(to: try #require(receiver.port)))
    let received = try await receiver.report()
    #expect(sent.imageCount == 6 && sent.droppedDatagramCount == 0)
    #expect(received.imageCount == 3 && received.droppedDatagramCount == 3 && received.datagramCount == 7)
  }

  @Test(arguments: [TransferMode.unicast, .tcp])
  func withoutASenderTheWaitEnds(mode: TransferMode) async throws {
    var receiving = Route(mode: mode, host: "127.0.0.1").receiving(into: nil)
    receiving.limits.waitNanoseconds = 100_000_000
    let receiver = try await RunningReceiver(receiving)
    #expect(try await receiver.report().outcome == .waitTimeout)
    #expect(receiver.told.last?.description == "gave up waiting: no image came")
  }

  /// Whoever starts a receiver needs time to start the sender.
  @Test(arguments: [TransferMode.unicast, .tcp])
  func theIdleTimeoutRunsFromTheFirstImageOn(mode: TransferMode) async throws {
    let scratch = try Scratch()
    let route = Route(mode: mode, host: "127.0.0.1")
    var receiving = route.receiving(into: scratch.path + "/in")
    receiving.limits.waitNanoseconds = nil
    receiving.limits.idleTimeoutNanoseconds = 1_500_000_000
    let receiver = try await RunningReceiver(receiving)
    try await Task.sleep(for: .milliseconds(2_000))
    var sending = route.sending(to: try #require(receiver.port))
    sending.timing.waitNanoseconds = 0
    let sent = try await send(try scratch.files(smallImages(3)), sending)
    let received = try await receiver.report()
    #expect(sent.imageCount == 3 && received.imageCount == 3 && received.outcome == .endMarker)
  }

  /// The wait ends while the first image arrives.
  @Test(arguments: [true, false])
  func anImageUnderWayIsWaitedFor(isWhole: Bool) async throws {
    let scratch = try Scratch()
    var receiving = Route(mode: .tcp, host: "127.0.0.1").receiving(into: scratch.path + "/in")
    receiving.limits.waitNanoseconds = 5_000_000_000
    receiving.limits.idleTimeoutNanoseconds = 100_000_000
    let receiver = try await RunningReceiver(receiving)
    let port = try #require(receiver.port)
    try await {
      let socket = try RawSocket(stream: true, to: port)
      try socket.send([1, 2, 3])
      try await Task.sleep(for: .milliseconds(5_300))
      if isWhole { socket.finish() } else { socket.breakOnClose() }
    }()
    let report = try await receiver.report()
    #expect(report.outcome == (isWhole ? .idleTimeout : .waitTimeout))
    #expect(report.imageCount == (isWhole ? 1 : 0) && report.brokenConnectionCount == (isWhole ? 0 : 1))
    #expect(report.isKnownToLack == !isWhole)
  }
}
