import Accounting
import FileSet
import Foundation
import Ground
import Synchronization
import TestSupport
import Testing
import Transport

/// Whole sets through real sockets.
@Suite struct StreamLoopbackTests {
  private static let images = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "images").path

  /// Sends a folder and compares all bytes.
  private func transfer(_ folder: String, bindHost: String = "127.0.0.1", host: String = "127.0.0.1")
    async throws
  {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox, bindHost: bindHost)
    defer { receiver.close() }
    let arrivals = Mutex<[FileArrival]>([])
    let receiving = onThread {
      try receiver.run { event in
        if case .verified(let file) = event { arrivals.withLock { $0.append(file) } }
      }
    }
    let sender = try streamSender(folder, to: [receiver.port], host: host)
    let sent = try await onThread { try sender.run() }.value.get()
    let received = try await receiving.value.get()
    let expected = try StreamScratch.contents(folder)

    #expect(try StreamScratch.contents(inbox) == expected)
    #expect(sent.isWhole)
    #expect(sent.receivers.map(\.receiverName) == ["lab"])
    #expect(sent.receivers.map(\.verifiedFileCount) == [expected.count])
    #expect(received.outcome == .whole)
    #expect(received.message == nil)
    #expect(received.verifiedFileCount == expected.count)
    #expect(received.receivedByteCount == UInt64(expected.values.reduce(0) { $0 + $1.count }))
    #expect(received.sessionID == sent.sessionID)
    let ours = try #require(sent.receivers[0].accounting)
    let theirs = try #require(received.accounting)
    #expect(ours.imbalances.isEmpty && theirs.imbalances.isEmpty)
    #expect(ours.equations[0].left[0].count == theirs.equations[0].left[0].count, "handed over, and received")
    let files = arrivals.withLock { $0 }
    // Empty files are there as soon as the manifest is.
    let names = expected.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let empty = names.indices.filter { expected[names[$0]]?.isEmpty ?? false }
    #expect(files.map(\.index) == empty + names.indices.filter { !empty.contains($0) })
    #expect(files.allSatisfy { $0.path == "\(inbox)/\($0.name)" && $0.fileCount == expected.count })
  }

  private func transfer(files: [String: [UInt8]]) async throws {
    let scratch = try StreamScratch()
    try await transfer(try scratch.folder("out", files))
    withExtendedLifetime(scratch) {}
  }

  @Test(arguments: ["small", "large"]) func images(name: String) async throws {
    try await transfer("\(Self.images)/\(name)")
  }

  @Test func overIPv6() async throws {
    try await transfer("\(Self.images)/small", bindHost: "::1", host: "::1")
  }

  @Test func byHostName() async throws {
    try await transfer("\(Self.images)/small", bindHost: "localhost", host: "localhost")
  }

  /// Sizes around the ends of chunks, pieces and buffers.
  @Test func sizesAtTheSeams() async throws {
    let sizes = [
      0, 1, 65_474, 65_475, 65_476, 1_047_599, 1_047_600, 1_047_601, 1_048_575, 1_048_576, 1_048_577,
      3_000_000,
    ]
    var files: [String: [UInt8]] = [:]
    for size in sizes { files["\(size)"] = seededBytes(size, seed: UInt64(size)) }
    try await transfer(files: files)
  }

  @Test func namesAndFolders() async throws {
    let long = String(repeating: "n", count: 255)
    try await transfer(files: [
      long: [1], "folder/\(long)/\(long)": [2], "Grüße 🌄.jpg": [3], "empty": [], " leading space": [4],
      "-dash": [5], "new\nline": [6],
    ])
  }

  @Test func manySmallFiles() async throws {
    var files: [String: [UInt8]] = [:]
    for index in 0..<1_000 { files["\(index)"] = seededBytes(index % 1_200, seed: UInt64(index)) }
    try await transfer(files: files)
  }

  @Test func timesAndModesArrive() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": [1, 2, 3]])
    let inbox = try scratch.folder("inbox")
    let time = Date(timeIntervalSince1970: 1_234_567_890)
    try FileManager.default.setAttributes(
      [.modificationDate: time, .posixPermissions: 0o640], ofItemAtPath: "\(folder)/a")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let sender = try streamSender(folder, to: [receiver.port])
    #expect(try await onThread { try sender.run() }.value.get().isWhole)
    _ = await receiving.value
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(inbox)/a")
    #expect(attributes[.modificationDate] as? Date == time)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
  }

  @Test func twoReceivers() async throws {
    let scratch = try StreamScratch()
    let inboxes = [try scratch.folder("in1"), try scratch.folder("in2")]
    let receivers = try inboxes.map { try streamReceiver($0) }
    defer { receivers.forEach { $0.close() } }
    let receiving = receivers.map { receiver in onThread { try receiver.run() } }
    let sender = try streamSender("\(Self.images)/large", to: receivers.map(\.port))
    let sent = try await onThread { try sender.run() }.value.get()
    #expect(sent.receivers.map(\.outcome) == [.whole, .whole])
    for (task, inbox) in zip(receiving, inboxes) {
      #expect(try await task.value.get().outcome == .whole)
      #expect(try StreamScratch.contents(inbox) == (try StreamScratch.contents("\(Self.images)/large")))
    }
  }

  /// One that is not there does not keep the others from their files.
  @Test func oneOfTwoReceiversIsMissing() async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let closed = try #require(StreamRawListener()).port  // closed again at once
    let receiving = onThread { try receiver.run() }
    let sender = try streamSender("\(Self.images)/small", to: [receiver.port, closed], connectSeconds: 3)
    let sent = try await onThread { try sender.run() }.value.get()
    #expect(sent.receivers.map(\.outcome) == [.whole, .unreachable])
    #expect(try await receiving.value.get().outcome == .whole)
  }

  /// A listening receiver takes one session after the other; a sender between two runs waits.
  @Test func sessionAfterSession() async throws {
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    for (name, bytes) in [("a", [1]), ("b", [2, 2])] as [(String, [UInt8])] {
      let sender = try streamSender(try scratch.folder("out-\(name)", [name: bytes]), to: [receiver.port])
      let sending = onThread { try sender.run() }
      try await Task.sleep(for: .milliseconds(100))  // its hello is here before the run
      #expect(try await onThread { try receiver.run() }.value.get().outcome == .whole)
      #expect(try await sending.value.get().isWhole)
    }
    #expect(try StreamScratch.contents(inbox) == ["a": [1], "b": [2, 2]])
  }
}
