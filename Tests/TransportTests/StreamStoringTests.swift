import Foundation
import Ground
import TestSupport
import Testing
import Transport
import Wire

/// What happens to files that are there already, and to those that cannot be stored.
@Suite struct StreamStoringTests {
  private func transfer(
    _ scratch: StreamScratch, _ files: [String: [UInt8]], overwrite: Bool = false, inbox: String
  ) async throws -> (StreamSendReport, StreamReceiveReport) {
    let receiver = try streamReceiver(inbox) { $0.inbox.overwrite = overwrite }
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let sender = try streamSender(try scratch.folder("out", files), to: [receiver.port])
    let sent = try await onThread { try sender.run() }.value.get()
    return (sent, try await receiving.value.get())
  }

  @Test func sameBytesCountAsDelivered() async throws {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox", ["a": [1, 2], "b": [3]])
    let (sent, received) = try await transfer(scratch, ["a": [1, 2], "b": [3]], inbox: inbox)
    #expect(sent.isWhole)
    #expect(received.verifiedFileCount == 2)
  }

  @Test func otherBytesAreKept() async throws {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox", ["b": [9]])
    let (sent, received) = try await transfer(scratch, ["a": [1, 2], "b": [3], "c": [4]], inbox: inbox)
    #expect(try StreamScratch.contents(inbox) == ["a": [1, 2], "b": [9], "c": [4]])
    #expect(received.outcome == .someFilesFailed)
    #expect(
      received.failures == [
        FailedFile(
          name: "b", reason: "b exists already with other content and was kept; --overwrite replaces it")
      ])
    #expect(sent.receivers.map(\.outcome) == [.someFilesFailed])
    #expect(sent.receivers[0].verifiedFileCount == 2)
    #expect(sent.receivers[0].failedFileCount == 1)
    #expect(sent.receivers[0].message?.contains("--overwrite") == true)
  }

  @Test func overwriteReplaces() async throws {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox", ["b": [9, 9, 9]])
    let (sent, _) = try await transfer(scratch, ["b": [3]], overwrite: true, inbox: inbox)
    #expect(sent.isWhole)
    #expect(try StreamScratch.contents(inbox) == ["b": [3]])
  }

  /// A file lies where the inbox should be: the sender hears why before it sends a byte of a file.
  @Test func inboxThatCannotBe() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": [1]])
    let receiver = try streamReceiver("\(folder)/a/inbox")
    defer { receiver.close() }
    let notices = NoticeList()
    let receiving = onThread { try receiver.run(notices.hear) }
    let sender = try streamSender(folder, to: [receiver.port])
    let result = await onThread { try sender.run() }.value
    guard case .failure(let error as TransportError) = result,
      case .peerRefused(.cannotStore, let text) = error
    else {
      Issue.record("\(result)")
      return
    }
    #expect(text.contains("--into"))
    receiver.cancel()
    let ended = await receiving.value
    #expect(throws: TransportError.cancelled) { try ended.get() }
    // The sender may hear of it before the receiver has told its owner.
    #expect(notices.lines.count == 1)
  }
}
