import Ground
import TestSupport
import Testing
import Transport

/// Ctrl-C on either side: both know, what is verified stays, and parts go.
@Suite struct StreamCancelTests {
  private let files: [String: [UInt8]] = {
    var files: [String: [UInt8]] = [:]
    for index in 0..<400 {
      files["\(index + 1_000)"] = [UInt8](repeating: UInt8(index & 0xFF), count: 300_000)
    }
    return files
  }()

  @Test(arguments: [true, false])
  func inTheMiddle(bySender: Bool) async throws {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let sender = try streamSender(try scratch.folder("out", files), to: [receiver.port])
    let receiving = onThread {
      try receiver.run { event in
        guard case .verified(let file) = event, file.index == 20 else { return }
        if bySender { sender.cancel() } else { receiver.cancel() }
      }
    }
    let sent = try await onThread { try sender.run() }.value.get()
    let received = try await receiving.value.get()
    #expect(sent.receivers.map(\.outcome) == [bySender ? .endedByUser : .refused])
    #expect(received.outcome == (bySender ? .refused : .endedByUser))
    #expect(
      sent.receivers[0].message
        == (bySender ? "ended by the user" : "the other side ended it: ended by its user"))
    #expect(received.verifiedFileCount > 20 && received.verifiedFileCount < 400)
    let kept = try StreamScratch.contents(inbox).filter { !$0.key.hasPrefix(".gallery-") }
    #expect(kept.count == received.verifiedFileCount)
    #expect(kept.allSatisfy { files[$0.key] == $0.value })
  }

  @Test func senderBeforeAnybodyListens() async throws {
    let scratch = try StreamScratch()
    let port = try #require(StreamRawListener()).port
    let sender = try streamSender(try scratch.folder("out", ["a": [1]]), to: [port])
    let sending = onThread { try sender.run() }
    try await Task.sleep(for: .milliseconds(150))
    sender.cancel()
    let result = await sending.value
    // Had it gone on trying, it would say that nobody listens.
    #expect(throws: TransportError.cancelled) { try result.get() }
  }

  @Test(arguments: [true, false])
  func receiverBeforeAnybodySends(beforeRun: Bool) async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    if beforeRun { receiver.cancel() }
    let receiving = onThread { try receiver.run() }
    if !beforeRun { receiver.cancel() }
    let result = await receiving.value
    #expect(throws: TransportError.cancelled) { try result.get() }
  }
}
