import Accounting
import FileSet
import Ground
import Keys
import TestSupport
import Testing
import Transport
import Wire

/// Connections with a key, over real sockets.
@Suite(.serialized) struct StreamSealHandlerTests {
  private static let secret = SessionSecret.key(Array(repeating: 3, count: 32))
  private static let files: [String: [UInt8]] = [
    "a.jpg": seededBytes(300_001, seed: 1), "b/c.jpg": seededBytes(65_536, seed: 2), "d.jpg": [],
  ]

  private func sender(_ folder: String, to port: Int, _ secret: SessionSecret?) throws -> StreamSender {
    var options = StreamSendOptions()
    options.secret = secret
    options.connectSeconds = 120
    options.idleSeconds = 60
    let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: true, recursive: true))
    return StreamSender(
      set, to: [StreamDestination(host: "127.0.0.1", port: port)], options: options, group: streamGroup)
  }

  private func receive(_ receiver: StreamReceiver, _ notices: NoticeList) -> Running<StreamReceiveReport> {
    onThread { try receiver.run(notices.hear) }
  }

  private func send(
    _ folder: String, to port: Int, _ secret: SessionSecret?
  ) async throws -> Result<StreamSendReport, any Error> {
    let sender = try sender(folder, to: port, secret)
    return await onThread { try sender.run() }.value
  }

  @Test func aKeyedSetArrivesWhole() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("set", Self.files)
    let receiver = try streamReceiver(scratch.folder("inbox")) { $0.secret = Self.secret }
    defer { receiver.close() }
    let received = receive(receiver, NoticeList())
    let sent = try await send(folder, to: receiver.port, Self.secret).get()
    let report = try await received.value.get()
    #expect(sent.receivers.map(\.outcome) == [.whole] && report.outcome == .whole)
    #expect(report.accounting?.imbalances.isEmpty != false)
    #expect(try StreamScratch.contents("\(scratch.path)/inbox") == Self.files)
  }

  /// Each of these is turned away with a reason, and the receiver goes on to take the right one.
  @Test func othersAreTurnedAwayByName() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("set", Self.files)
    let receiver = try streamReceiver(scratch.folder("inbox")) { $0.secret = Self.secret }
    defer { receiver.close() }
    let notices = NoticeList()
    let received = receive(receiver, notices)
    let other = SessionSecret.key(Array(repeating: 4, count: 32))
    #expect(try await send(folder, to: receiver.port, other).isRefused)
    #expect(try await send(folder, to: receiver.port, nil).isRefused)
    _ = try await send(folder, to: receiver.port, Self.secret).get()
    #expect(try await received.value.get().outcome == .whole)
    #expect(notices.lines.contains { $0.contains("has another key") }, "\(notices.lines)")
    #expect(notices.lines.contains { $0.contains("uses no code or key") }, "\(notices.lines)")
  }

  @Test func aReceiverWithoutTheKeyRefuses() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("set", Self.files)
    let receiver = try streamReceiver(scratch.folder("inbox"))
    let notices = NoticeList()
    let received = receive(receiver, notices)
    #expect(try await send(folder, to: receiver.port, Self.secret).isRefused)
    receiver.close()
    #expect(await received.value.isRefused)
    // The sender may hear of it before the receiver has told its owner.
    #expect(notices.lines.contains { $0.contains("uses a code or key") }, "\(notices.lines)")
    #expect(try StreamScratch.contents("\(scratch.path)/inbox").isEmpty)
  }

  /// A greeting with the right check needs no secret: it can be recorded. Nothing behind it passes.
  @Test func recordsOfAForgerEndTheConnection() async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(scratch.folder("inbox")) { $0.secret = Self.secret }
    let notices = NoticeList()
    let received = receive(receiver, notices)
    let keys = try SaltedKeys(Self.secret)
    let greeting = SealedStream.senderGreeting(
      salt: keys.salt, check: keys.check, random: Array(repeating: 1, count: SealedStream.randomByteCount))
    for tail in [[0, 0, 0, 5] + seededBytes(21, seed: 5), [0, 0, 0, 0], [255, 255, 255, 255]] as [[UInt8]] {
      let ending = await onThread {
        guard let peer = StreamRawPeer.connect(port: receiver.port) else { return }
        peer.send(greeting + tail)
        _ = peer.events()  // to the end of the connection
      }.value
      #expect(!ending.isRefused)
    }
    receiver.close()
    #expect(await received.value.isRefused)
    #expect(
      notices.lines.filter { $0.contains("not sealed with this code or key") }.count == 3, "\(notices.lines)")
    #expect(try StreamScratch.contents("\(scratch.path)/inbox").isEmpty)
  }
}

extension Result {
  fileprivate var isRefused: Bool { if case .failure = self { true } else { false } }
}
