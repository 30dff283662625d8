import Foundation
import Ground
import Synchronization
import TestSupport
import Testing
import Transport
import Wire

/// Receivers that break the protocol, by hand, against our sender; and those that are not there.
@Suite struct StreamHostileReceiverTests {
  private static let welcome = StreamWelcome(receiverID: 5, hostName: "hand\u{1B}[2J").frame()

  /// Sends a set to a peer that answers the hello with `bytes`; the peer's last frame, and what `run` came
  /// to.
  private func run(
    answer bytes: [UInt8], closes: Bool = false, idleSeconds: Double = 120
  ) async throws -> (StreamEvent?, Result<StreamSendReport, any Error>) {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": seededBytes(8_000_000, seed: 4)])
    let listener = try #require(StreamRawListener())
    let answering = onThread { () -> StreamEvent? in
      guard let peer = listener.accept() else { return nil }
      _ = peer.events { $0.type == .hello }
      peer.send(bytes)
      if closes { return nil }
      return peer.events { $0.type == .abort }.last
    }
    let sender = try streamSender(folder, to: [listener.port], idleSeconds: idleSeconds)
    let result = await onThread { try sender.run() }.value
    return (try await answering.value.get(), result)
  }

  @Test(arguments: [
    ([0xFF, 0xFF, 0xFF, 0xFF, 1], "the limit is"), (rawFrame(33, []), "unknown type 33"),
    (StreamDigest(file: 0, checksum: 0).frame(), "\"digest\""),
    (StreamReport(fileByteCount: 1, verifiedFileCount: 0).frame(), "\"report\""),
  ])
  func wrongGreeting(bytes: [UInt8], text: String) async throws {
    let (last, result) = try await run(answer: bytes)
    guard case .abort(let abort) = last, case .failure(let error as TransportError) = result,
      case .protocolViolation(_, let reason) = error
    else {
      Issue.record("\(String(describing: last)) \(result)")
      return
    }
    #expect(abort.text.contains(text))
    #expect(reason.contains(text))
  }

  @Test func otherVersion() async throws {
    let (last, result) = try await run(answer: rawFrame(2, Array("GLRY".utf8) + [3]))
    guard case .abort(let abort) = last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.reason == .versionMismatch)
    #expect(throws: TransportError.versionMismatch(theirs: 3)) { try result.get() }
  }

  @Test func closesAtOnce() async throws {
    let (_, result) = try await run(answer: [], closes: true)
    guard case .failure(let error as TransportError) = result, case .connectionLost = error else {
      Issue.record("\(result)")
      return
    }
  }

  /// One file was sent.
  @Test(arguments: [
    StreamComplete(verifiedFileCount: 2, failedFileCount: 0, status: .whole),
    StreamComplete(verifiedFileCount: 0, failedFileCount: 1, status: .whole),
    StreamComplete(verifiedFileCount: 1, failedFileCount: 0, status: .someFilesFailed),
    StreamComplete(verifiedFileCount: .max, failedFileCount: .max, status: .someFilesFailed),
  ])
  func completeThatCannotBe(complete: StreamComplete) async throws {
    let (last, result) = try await run(answer: Self.welcome + complete.frame())
    #expect(last?.type == .abort)
    #expect(try result.get().receivers.map(\.outcome) == [.protocolViolation])
  }

  @Test func breaksOffInTheMiddle() async throws {
    let (_, result) = try await run(answer: Self.welcome, closes: true)
    #expect(try result.get().receivers.map(\.outcome) == [.connectionLost])
  }

  /// Its text reaches the terminal escaped.
  @Test func abortsInTheMiddle() async throws {
    let abort = StreamAbort(reason: .cannotStore, text: "disk\u{7} full").frame()
    let (_, result) = try await run(answer: Self.welcome + abort)
    let receiver = try #require(try result.get().receivers.first)
    #expect(receiver.outcome == .couldNotStore)
    #expect(receiver.message == "the other side ended it: disk\\u{7} full")
  }

  /// It reads the hello and then nothing: the sender holds little memory, and gives up.
  @Test(arguments: [[], welcome]) func silent(greeting: [UInt8]) async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": seededBytes(12_000_000, seed: 4)])
    let listener = try #require(StreamRawListener())
    let sender = try streamSender(folder, to: [listener.port], idleSeconds: 2)
    let sending = onThread { try sender.run() }
    let peer = try #require(listener.accept())
    _ = peer.events { $0.type == .hello }
    peer.send(greeting)
    let result = await sending.value
    withExtendedLifetime(peer) {}
    if greeting.isEmpty {
      guard case .failure(let error as TransportError) = result, case .connectionLost(_, let reason) = error
      else {
        Issue.record("\(result)")
        return
      }
      #expect(reason == "nothing moved for 2 s")
    } else {
      let receiver = try #require(try result.get().receivers.first)
      #expect(receiver.outcome == .connectionLost)
      #expect(receiver.message?.contains("nothing moved for 2 s") == true)
    }
  }

  /// It takes all, and reports a byte more now and then: that is no progress.
  @Test func dripsItsReports() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": seededBytes(2_000_000, seed: 4)])
    let listener = try #require(StreamRawListener())
    let sender = try streamSender(folder, to: [listener.port], idleSeconds: 2)
    let sending = onThread { try sender.run() }
    let peer = try #require(listener.accept())
    _ = peer.events { $0.type == .hello }
    peer.send(Self.welcome)
    let isOver = Mutex(false)
    let dripping = onThread {
      var byteCount: UInt64 = 0
      while !isOver.withLock({ $0 }) {
        byteCount += 1
        peer.send(StreamReport(fileByteCount: byteCount, verifiedFileCount: 0).frame())
        usleep(50_000)
      }
    }
    let draining = onThread { _ = peer.events { $0.type == .abort } }
    let receiver = try #require(try await sending.value.get().receivers.first)
    isOver.withLock { $0 = true }
    #expect(receiver.outcome == .connectionLost)
    #expect(receiver.message?.contains("nothing moved for 2 s") == true)
    _ = await dripping.value
    _ = await draining.value
  }

  /// More than there is.
  @Test(arguments: [
    StreamReport(fileByteCount: 8_000_001, verifiedFileCount: 0),
    StreamReport(fileByteCount: .max, verifiedFileCount: 1),
    StreamReport(fileByteCount: 0, verifiedFileCount: 2),
    StreamReport(fileByteCount: 0, verifiedFileCount: .max),
  ])
  func reportThatCannotBe(report: StreamReport) async throws {
    let (last, result) = try await run(answer: Self.welcome + report.frame())
    #expect(last?.type == .abort)
    #expect(try result.get().receivers.map(\.outcome) == [.protocolViolation])
  }

  @Test func nobodyListens() async throws {
    let scratch = try StreamScratch()
    let port = try #require(StreamRawListener()).port
    let sender = try streamSender(try scratch.folder("out", ["a": [1]]), to: [port], connectSeconds: 0.4)
    let result = await onThread { try sender.run() }.value
    let error = TransportError.nobodyListening(address: "127.0.0.1:\(port)", seconds: 0.4)
    #expect(throws: error) { try result.get() }
    #expect(error.description.hasPrefix("nobody is listening at 127.0.0.1:\(port)"))
  }

  @Test func receiverStartsLater() async throws {
    let scratch = try StreamScratch()
    let port = try #require(StreamRawListener()).port
    let sender = try streamSender(try scratch.folder("out", ["a": [1]]), to: [port])
    let sending = onThread { try sender.run() }
    try await Task.sleep(for: .milliseconds(400))
    let receiver = try streamReceiver(try scratch.folder("inbox")) { $0.port = port }
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    #expect(try await sending.value.get().isWhole)
    #expect(try await receiving.value.get().outcome == .whole)
  }

  @Test func unknownHost() async throws {
    let scratch = try StreamScratch()
    let sender = try streamSender(
      try scratch.folder("out", ["a": [1]]), to: [1], host: "no-such-host.invalid")
    let result = await onThread { try sender.run() }.value
    guard case .failure(let error as TransportError) = result, case .hostUnknown(let host, _) = error else {
      Issue.record("\(result)")
      return
    }
    #expect(host == "no-such-host.invalid")
  }

  /// A file that changes after the scan fails by name, at both sides.
  @Test func fileThatChanges() async throws {
    let scratch = try StreamScratch()
    let folder = try scratch.folder("out", ["a": [1, 2, 3]])
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let sender = try streamSender(folder, to: [receiver.port])
    try Data([1, 2, 3, 4]).write(to: URL(filePath: "\(folder)/a"))
    let receiving = onThread { try receiver.run() }
    let sent = try await onThread { try sender.run() }.value.get()
    #expect(sent.receivers[0].message?.contains("a changed or was truncated") == true)
    let received = try await receiving.value.get()
    #expect(received.message?.contains("a arrived damaged") == true)
    #expect(received.outcome == .someFilesFailed && received.verifiedFileCount == 0)
  }
}
