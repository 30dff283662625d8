import Ground
import Foundation
import Naive
import Testing

/// Real sockets on this host, in all modes.
struct LoopbackTests {
  @Test(arguments: Route.all)
  func everyImageArrivesInOrder(route: Route) async throws {
    let scratch = try Scratch()
    let images = smallImages(20)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    let sent = try await send(
      try scratch.files(images.reversed()), route.sending(to: try #require(receiver.port)))
    let received = try await receiver.report()

    let expected = Dictionary(uniqueKeysWithValues: images.enumerated().map { (inboxName($0), $1.bytes) })
    #expect(try scratch.inbox() == expected)
    #expect(received.outcome == .endMarker)
    #expect(received.imageCount == 20 && sent.imageCount == 20)
    #expect(received.imageByteCount == sent.imageByteCount)
    #expect(received.nonJPEGImageCount == 0)
    #expect(sent.isEndSent && !sent.isCancelled)
    if route.mode.usesDatagrams {
      #expect(received.datagramCount == 21 && sent.datagramCount == 21)
      #expect(received.receiveBufferByteCount > 45_000 && received.socketDropCount == 0)
    } else {
      #expect(received.connectionCount == 21 && sent.connectionCount == 21)
    }
  }

  @Test(arguments: [65_507, 1, 3])
  func theLargestAndTheSmallestDatagram(byteCount: Int) async throws {
    let scratch = try Scratch()
    let route = Route(mode: .unicast, host: "127.0.0.1")
    let bytes = imageBytes(seed: 9, byteCount: byteCount)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    _ = try await send(try scratch.files([("a.jpg", bytes)]), route.sending(to: try #require(receiver.port)))
    _ = try await receiver.report()
    #expect(try scratch.inbox() == [inboxName(0): bytes])
  }

  @Test func tcpCarriesWhatNoDatagramDoes() async throws {
    let scratch = try Scratch()
    let route = Route(mode: .tcp, host: "127.0.0.1")
    let bytes = imageBytes(seed: 4, byteCount: 5_000_003)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    _ = try await send(
      try scratch.files([("large.jpg", bytes)]), route.sending(to: try #require(receiver.port)))
    _ = try await receiver.report()
    #expect(try scratch.inbox() == [inboxName(0): bytes])
  }

  @Test(arguments: [
    Route(mode: .multicast, host: "239.71.71.3", interface: "lo"),
    Route(mode: .broadcast, host: "127.255.255.255"),
  ])
  func severalReceiversOnOneHost(route: Route) async throws {
    let scratches = try (0..<3).map { _ in try Scratch() }
    let first = try await RunningReceiver(route.receiving(into: scratches[0].path + "/in"))
    let port = try #require(first.port)
    var receivers = [first]
    for scratch in scratches.dropFirst() {
      receivers.append(try await RunningReceiver(route.receiving(into: scratch.path + "/in", port: port)))
    }
    _ = try await send(try scratches[0].files(smallImages(5)), route.sending(to: port))
    for receiver in receivers { #expect(try await receiver.report().imageCount == 5) }
    #expect(try scratches[0].inbox() == scratches[1].inbox())
    #expect(try scratches[0].inbox() == scratches[2].inbox())
  }

  @Test func aGroupDoesNotHearItsNeighbour() async throws {
    let scratch = try Scratch()
    let ours = Route(mode: .multicast, host: "239.71.71.4", interface: "lo")
    let theirs = Route(mode: .multicast, host: "239.71.71.5", interface: "lo")
    let receiver = try await RunningReceiver(ours.receiving(into: nil))
    let port = try #require(receiver.port)
    let neighbour = try await RunningReceiver(theirs.receiving(into: nil, port: port))
    _ = try await send(try scratch.files(smallImages(2)), theirs.sending(to: port))
    #expect(try await neighbour.report().imageCount == 2)
    receiver.cancel()  // what its neighbour has got by now, it would have too
    #expect(try await receiver.report().datagramCount == 0)
  }
}
