import Ground
import Foundation
import Naive
import Testing

/// What a datagram receiver makes of datagrams that no naive gallery sent.
struct DatagramReceiverTests {
  private static let chunked: [UInt8] = [0x47, 1] + [UInt8](repeating: 0, count: 18)

  @Test func aChunkedSenderIsToldAndCountedNotStored() async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(
      Route(mode: .unicast, host: "127.0.0.1").receiving(into: scratch.path + "/in"))
    let socket = try RawSocket(stream: false, to: try #require(receiver.port))
    for _ in 0..<3 { try socket.send(Self.chunked) }
    try socket.send([])
    let report = try await receiver.report()
    #expect(report.chunkedDatagramCount == 3 && report.imageCount == 0 && report.datagramCount == 4)
    #expect(try scratch.inbox().isEmpty)
    let told = receiver.told.map(\.description).filter {
      $0.contains("a chunked gallery sender is talking to this naive")
    }
    #expect(told.count == 1, "once, not for each datagram")
  }

  @Test func otherFilesAreStoredAndCounted() async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(
      Route(mode: .unicast, host: "127.0.0.1").receiving(into: scratch.path + "/in"))
    let socket = try RawSocket(stream: false, to: try #require(receiver.port))
    let others: [[UInt8]] = [
      Array(Self.chunked.prefix(19)), [0x47, 3] + Self.chunked, [0x89, 0x50, 0x4E, 0x47], [7],
    ]
    for other in others { try socket.send(other) }
    try socket.send([])
    let report = try await receiver.report()
    #expect(report.nonJPEGImageCount == 4 && report.imageCount == 4 && report.chunkedDatagramCount == 0)
    let inbox = try scratch.inbox()
    for (index, other) in others.enumerated() { #expect(inbox[inboxName(index)] == other) }
  }
}

/// The first bytes of what arrived.
struct ArrivedBytesTests {
  @Test(
    arguments: [
      ([0xFF, 0xD8, 0xFF], true), ([0xFF, 0xD8, 0xFF, 0xE0], true), ([0xFF, 0xD8], false), ([], false),
      ([0xFF, 0xD8, 0xFE], false), ([0, 0xD8, 0xFF], false),
    ] as [([UInt8], Bool)])
  func jpegFilesAreKnownByTheirFirstMarker(bytes: [UInt8], isJPEG: Bool) {
    #expect(ArrivedBytes.isJPEG(bytes.span) == isJPEG)
  }

  @Test(arguments: 0...20, [UInt8(0), 1, 2, 3])
  func aChunkedDatagramHasAWholeHeader(byteCount: Int, version: UInt8) {
    let bytes = Array(([0x47, version] + [UInt8](repeating: 9, count: 18)).prefix(byteCount))
    #expect(ArrivedBytes.isChunkedDatagram(bytes.span) == (byteCount == 20 && (version == 1 || version == 2)))
  }
}
