import Accounting
import Checksum
import Foundation
import Ground
import TestSupport
import Testing
import Transport
import Wire

/// Sessions over TCP that go on where an earlier one was cut, with real sockets. Specs/resume.md.
@Suite struct StreamResumingTests {
  private static let chunk = 32_768
  private let scratch: StreamScratch
  private let inbox: String

  init() throws {
    scratch = try StreamScratch()
    inbox = try scratch.folder("inbox")
  }

  private func receiver(_ change: (inout ReceiverOptions) -> Void = { _ in }) throws -> StreamReceiver {
    try streamReceiver(inbox) {
      $0.inbox.recordsPath = "\(scratch.path)/records"
      change(&$0)
    }
  }

  /// Sends the folder `out` once more.
  private func send(
    _ folder: String, _ change: (inout ReceiverOptions) -> Void = { _ in }
  ) async throws -> (StreamSendReport, StreamReceiveReport) {
    let receiver = try receiver(change)
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let sender = try streamSender(folder, to: [receiver.port])
    let sent = try await onThread { try sender.run() }.value.get()
    let received = try await receiving.value.get()
    #expect(sent.isWhole && received.outcome == .whole, "\(sent) \(received)")
    #expect(received.accounting?.isBalanced == true && sent.receivers[0].accounting?.isBalanced == true)
    #expect(try StreamScratch.contents(inbox) == (try StreamScratch.contents(folder)))
    return (sent, received)
  }

  private static let files: [String: [UInt8]] = [
    "a": seededBytes(100_000, seed: 1), "b": [7], "c/d": seededBytes(300_000, seed: 2), "empty": [],
  ]

  /// Files that end around the end of a chunk, with their digests or without.
  @Test func filesAroundTheEndsOfChunks() async throws {
    let counts = [1, 4].flatMap { chunks in (-6...1).map { chunks * Self.chunk + $0 } }
    var files: [String: [UInt8]] = [:]
    for count in counts { files["\(count)"] = seededBytes(count, seed: UInt64(count)) }
    let folder = try scratch.folder("out", files)
    let (_, received) = try await send(folder)
    #expect(received.verifiedFileCount == counts.count)
    let (_, again) = try await send(folder)
    #expect(again.hasNothingNew)
  }

  @Test func whatIsThereIsNotSentAgain() async throws {
    let folder = try scratch.folder("out", Self.files)
    let (first, _) = try await send(folder)
    #expect(first.receivers[0].remark == nil && first.receivers[0].fileBytesLeftOut == 0)
    let (second, here) = try await send(folder)
    #expect(here.hasNothingNew && here.filesHereBefore == 3 && here.verifiedFileCount == 4)
    #expect(here.receivedByteCount == 0 && here.fileBytesHereBefore == 400_001)
    #expect(second.receivers[0].remark == "nothing to send, all were there already")
    #expect(second.receivers[0].fileBytesLeftOut == 400_001)

    try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/new"))
    let (third, more) = try await send(folder)
    #expect(more.filesHereBefore == 3 && !more.hasNothingNew && more.receivedByteCount == 3)
    #expect(third.receivers[0].remark == "3 files of these were there already")

    let (_, all) = try await send(folder) { $0.inbox.resumes = false }
    #expect(all.receivedByteCount == 400_004 && all.filesHereBefore == 0)
  }

  /// --verify reads the files, and receives again those with other bytes. These are then in the way.
  @Test func verifyFindsOtherBytes() async throws {
    let folder = try scratch.folder("out", Self.files)
    _ = try await send(folder)
    let (_, here) = try await send(folder) { $0.inbox.verifies = true }
    #expect(here.hasNothingNew && here.receivedByteCount == 0)
  }

  // MARK: A file that was cut

  private static let set: HandmadeSet? = try? HandmadeSet([
    ("a", seededBytes(5_000, seed: 1)), ("b", seededBytes(200_000, seed: 2)), ("c", [3]),
  ])

  /// By hand: a session that sends `bytes` behind the manifest and breaks off.
  private func cut(_ bytes: [UInt8], expecting byteCount: UInt64) async throws {
    let set = try #require(Self.set)
    let receiver = try receiver()
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    peer.send(set.manifest + bytes)
    _ = peer.events {
      if case .report(let report) = $0 { report.fileByteCount >= byteCount } else { false }
    }
    peer.endSending()
    #expect(try await receiving.value.get().arePartsKept)
  }

  /// By hand: the next session of the set. Returns what the receiver says it lacks, and its last frame.
  private func goOn(_ bytes: (HandmadeSet) -> [UInt8]) async throws -> (StreamRest?, StreamEvent?) {
    let set = try #require(Self.set)
    let receiver = try receiver()
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    peer.send(set.manifest)
    let answer = peer.events { $0.type == .rest }
    peer.send(bytes(set))
    peer.endSending()
    let last = peer.events().last
    _ = try await receiving.value.get()
    guard case .rest(let rest) = answer.last else { return (nil, last) }
    return (rest, last)
  }

  /// The part goes on at a chunk of the receiver's map.
  @Test func aCutFileGoesOn() async throws {
    let set = try #require(Self.set)
    try await cut(
      set.data(0) + set.digest(0) + set.data(1, byteCount: 100_000), expecting: UInt64(3 * Self.chunk))
    #expect(try StreamScratch.names(inbox) == ["a"])
    let offset = 3 * Self.chunk
    let (rest, last) = try await goOn { set in
      let digest = StreamReading().frame() + set.digest(1)
      return set.data(1, offset: offset) + digest + set.data(2) + set.digest(2)
        + StreamEnd(fileCount: 2, fileByteCount: UInt64(200_001 - offset)).frame()
    }
    // File b from there on, and all of c.
    #expect(rest?.runs == [StreamRun(file: 1, count: 2, offset: UInt64(offset))])
    guard case .complete(let complete) = last else {
      Issue.record("\(String(describing: last))")
      return
    }
    #expect(complete.status == .whole && complete.verifiedFileCount == 3)
    #expect(complete.text == "1 file of these were there already")
    #expect(
      try StreamScratch.contents(inbox) == ["a": set.files[0].bytes, "b": set.files[1].bytes, "c": [3]])
  }

  /// All bytes are there, and the digest is not: their last chunk waits for it.
  @Test func aDigestThatIsLacking() async throws {
    let set = try #require(Self.set)
    try await cut(set.data(0) + set.digest(0) + set.data(1), expecting: UInt64(6 * Self.chunk))
    let offset = 6 * Self.chunk
    let (rest, last) = try await goOn { set in
      set.data(1, offset: offset) + set.digest(1, damage: 1) + set.data(2) + set.digest(2)
        + StreamEnd(fileCount: 2, fileByteCount: UInt64(200_001 - offset)).frame()
    }
    #expect(rest?.runs == [StreamRun(file: 1, count: 2, offset: UInt64(offset))])
    // The digest covers the bytes of both sessions.
    guard case .complete(let complete) = last else {
      Issue.record("\(String(describing: last))")
      return
    }
    #expect(complete.status == .someFilesFailed && complete.failedFileCount == 1)
  }

  /// Data before the offset, an end of all files, and a reading that nothing asks for.
  @Test(arguments: 0...3) func whatDoesNotFitTheRest(misdeed: Int) async throws {
    let set = try #require(Self.set)
    try await cut(
      set.data(0) + set.digest(0) + set.data(1, byteCount: 100_000), expecting: UInt64(3 * Self.chunk))
    let offset = 3 * Self.chunk
    let (_, last) = try await goOn { set in
      switch misdeed {
      case 0: set.data(0)
      case 1: set.data(1, offset: 0)
      case 2: StreamReading().frame()
      default: set.data(1, offset: offset) + set.digest(1) + set.data(2) + set.digest(2) + set.end
      }
    }
    guard case .abort(let abort) = last else {
      Issue.record("\(String(describing: last))")
      return
    }
    #expect(abort.reason == .refused && abort.text.contains("does not fit here"))
  }

  /// A hello alone takes nothing away of what is kept.
  @Test func aHelloAloneLeavesTheParts() async throws {
    let set = try #require(Self.set)
    try await cut(
      set.data(0) + set.digest(0) + set.data(1, byteCount: 100_000), expecting: UInt64(3 * Self.chunk))
    let receiver = try receiver()
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    do {
      let peer = try #require(StreamRawPeer.connect(port: receiver.port))
      peer.send(set.hello)
      _ = peer.events { $0.type == .welcome }
    }
    _ = try await receiving.value.get()
    #expect(try StreamScratch.workFolders(inbox).count == 1)
    let (rest, _) = try await goOn { _ in [] }
    #expect(rest?.runs.first?.offset == UInt64(3 * Self.chunk))
  }

  /// The real sender goes on within a file, and its digest is that of the whole.
  @Test(arguments: [1, 60, 122]) func theSenderGoesOn(chunkCount: Int) async throws {
    let bytes = seededBytes(4_000_000, seed: 3)
    let folder = try scratch.folder("out", ["big": bytes])
    let listener = try #require(StreamRawListener())
    let offset = UInt64(chunkCount * Self.chunk)
    let answering = onThread { () -> [StreamEvent] in
      guard let peer = listener.accept() else { return [] }
      _ = peer.events { $0.type == .hello }
      peer.send(StreamWelcome(receiverID: 5, hostName: "hand").frame())
      _ = peer.events { $0.type == .manifest }
      peer.send(
        StreamRest(isLast: true, runs: [StreamRun(file: 0, count: 1, offset: offset)]).frame())
      let events = peer.events { $0.type == .end }
      peer.send(StreamComplete(verifiedFileCount: 1, failedFileCount: 0, status: .whole).frame())
      return events
    }
    let sender = try streamSender(folder, to: [listener.port])
    let sent = try await onThread { try sender.run() }.value.get()
    #expect(sent.isWhole && sent.receivers[0].fileBytesLeftOut == offset)
    let events = try await answering.value.get()
    var next = offset
    for case .fileBytes(let header, let range) in events {
      #expect(header.offset == next)
      next += UInt64(range.count)
    }
    #expect(next == 4_000_000)
    #expect(events.contains(.digest(StreamDigest(file: 0, checksum: CRC32.checksum(bytes.span)))))
    #expect(events.last == .end(StreamEnd(fileCount: 1, fileByteCount: 4_000_000 - offset)))
  }

  /// What a receiver cannot lack.
  @Test(arguments: [
    [StreamRest(isLast: true, runs: [StreamRun(file: 0, count: 2, offset: 0)])],
    [StreamRest(isLast: true, runs: [StreamRun(file: 1, count: 1, offset: 0)])],
    [StreamRest(isLast: true, runs: [StreamRun(file: 0, count: 1, offset: 4)])],
    [StreamRest(isLast: true, runs: []), StreamRest(isLast: true, runs: [])],
    [
      StreamRest(isLast: false, runs: (0..<32).map { StreamRun(file: $0, count: 1, offset: 0) }),
      StreamRest(isLast: true, runs: []),
    ],
  ])
  func restThatCannotBe(frames: [StreamRest]) async throws {
    let folder = try scratch.folder("out", ["a": [1, 2, 3]])
    let listener = try #require(StreamRawListener())
    let answering = onThread { () -> StreamEvent? in
      guard let peer = listener.accept() else { return nil }
      _ = peer.events { $0.type == .hello }
      peer.send(StreamWelcome(receiverID: 5, hostName: "hand").frame())
      _ = peer.events { $0.type == .manifest }
      peer.send(frames.flatMap { $0.frame() })
      return peer.events { $0.type == .abort }.last
    }
    let sender = try streamSender(folder, to: [listener.port])
    let sent = try await onThread { try sender.run() }.value.get()
    #expect(sent.receivers.map(\.outcome) == [.protocolViolation])
    guard case .abort(let abort) = try await answering.value.get() else {
      Issue.record("no abort")
      return
    }
    #expect(abort.text.contains("\"rest\""))
  }

  /// A rest before the manifest is whole, that is before the sender waits for one.
  @Test func restInPlaceOfAWelcome() async throws {
    let folder = try scratch.folder("out", ["a": [1, 2, 3]])
    let listener = try #require(StreamRawListener())
    let answering = onThread { () -> StreamEvent? in
      guard let peer = listener.accept() else { return nil }
      peer.send(StreamRest(isLast: true, runs: []).frame())
      return peer.events { $0.type == .abort }.last
    }
    let sender = try streamSender(folder, to: [listener.port])
    let result = await onThread { try sender.run() }.value
    guard case .failure(let error as TransportError) = result, case .protocolViolation = error,
      case .abort = try await answering.value.get()
    else {
      Issue.record("\(result)")
      return
    }
  }
}
