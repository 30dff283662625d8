import FileSet
import Foundation
import Ground
import TestSupport
import Testing
import Transport
import Wire

/// Senders that break the protocol, by hand, against our receiver.
@Suite struct StreamHostileSenderTests {
  private static let set: HandmadeSet? = try? HandmadeSet([
    ("a", seededBytes(5_000, seed: 1)), ("b", seededBytes(200_000, seed: 2)), ("c", [3]),
  ])

  /// What a sender says behind its hello, and what both sides are told.
  struct Misdeed: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Behind the manifest and file a.
    var bytes: [UInt8]
    var outcome = TransferOutcome.protocolViolation
    var reason = AbortReason.refused
    var text: String
  }

  static let misdeeds: [Misdeed] = {
    guard let set else { return [] }
    return [
      Misdeed(
        testDescription: "random bytes", bytes: seededBytes(3_000, seed: 9).map { $0 | 0x80 },
        text: "the limit is 1048589"),
      Misdeed(
        testDescription: "giant length", bytes: [0xFF, 0xFF, 0xFF, 0xFF, 4],
        text: "a frame of 4294967295 bytes"),
      Misdeed(testDescription: "empty frame", bytes: [0, 0, 0, 0, 0], text: "an empty frame"),
      Misdeed(testDescription: "unknown type", bytes: rawFrame(42, [1, 2, 3]), text: "unknown type 42"),
      Misdeed(testDescription: "second hello", bytes: set.hello, text: "\"hello\" that does not fit"),
      Misdeed(
        testDescription: "second manifest", bytes: set.manifest, text: "\"manifest\" that does not fit"),
      Misdeed(
        testDescription: "receiver's frame",
        bytes: StreamReport(fileByteCount: 1, verifiedFileCount: 1).frame(), text: "\"report\""),
      Misdeed(testDescription: "file out of order", bytes: set.data(2), text: "\"data\" that does not fit"),
      Misdeed(testDescription: "file again", bytes: set.data(0), text: "\"data\" that does not fit"),
      Misdeed(
        testDescription: "gap in a file", bytes: set.data(1, offset: 1_000),
        text: "\"data\" that does not fit"),
      Misdeed(
        testDescription: "digest too early", bytes: set.data(1, byteCount: 10) + set.digest(1),
        text: "\"digest\""),
      Misdeed(testDescription: "end too early", bytes: set.end, text: "\"end\" that does not fit"),
      Misdeed(
        testDescription: "more than the file has",
        bytes: set.data(1) + rawFrame(4, [0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 13, 64, 1]), text: "\"data\""),
    ]
  }()

  @Test(arguments: misdeeds)
  func endsTheSessionOnBothSides(misdeed: Misdeed) async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    #expect(peer.events { $0.type == .welcome }.count == 1)
    peer.send(set.manifest + set.data(0) + set.digest(0) + misdeed.bytes)
    let events = peer.events()
    guard case .abort(let abort) = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(abort.reason == misdeed.reason)
    #expect(abort.text.contains(misdeed.text), "\(abort.text)")
    peer.endSending()
    let report = try await receiving.value.get()
    #expect(report.outcome == misdeed.outcome)
    #expect(report.message?.contains(misdeed.text) == true, "\(report.message ?? "")")
    #expect(report.verifiedFileCount == 1)
    #expect(try StreamScratch.contents(inbox)["a"] == set.files[0].bytes)
    #expect(try StreamScratch.names(inbox) == ["a"])
  }

  /// The connection ends inside a file: in order, or by a reset.
  @Test(arguments: [0, 10, 100_000])
  func cutInTheMiddleOfAFile(byteCount: Int) async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    do {
      let peer = try #require(StreamRawPeer.connect(port: receiver.port))
      peer.send(set.hello + [])
      _ = peer.events { $0.type == .welcome }
      peer.send(set.manifest + set.data(0) + set.digest(0))
      // A reset discards what the receiver has not read yet: the first file must be in before it.
      for _ in 0..<12_000 where !FileManager.default.fileExists(atPath: inbox + "/a") {
        try await Task.sleep(for: .milliseconds(10))
      }
      peer.send(Array(set.data(1).prefix(17 + byteCount)))
    }
    let report = try await receiving.value.get()
    #expect(report.outcome == .connectionLost)
    #expect(try StreamScratch.names(inbox) == ["a"])
  }

  @Test func damagedFileFailsAlone() async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    let files =
      set.data(0) + set.digest(0) + set.data(1) + set.digest(1, damage: 1) + set.data(2) + set.digest(2)
    peer.send(set.manifest + files + set.end)
    peer.endSending()
    guard case .complete(let complete) = peer.events().last else {
      Issue.record("no complete")
      return
    }
    #expect(complete.status == .someFilesFailed)
    #expect(complete.verifiedFileCount == 2 && complete.failedFileCount == 1)
    #expect(complete.text.hasPrefix("b arrived damaged"))
    #expect(try await receiving.value.get().failures.map(\.name) == ["b"])
    #expect(try StreamScratch.contents(inbox) == ["a": set.files[0].bytes, "c": [3]])
  }

  @Test func manifestThatIsNotTheAnnounced() async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    var manifest = set.manifest
    manifest[manifest.count - 1] ^= 1
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    peer.send(manifest)
    guard case .abort(let abort) = peer.events().last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.reason == .refused && abort.text.hasPrefix("the manifest is not the announced one"))
    #expect(try await receiving.value.get().outcome == .failed)
  }

  /// A byte now and then is not enough.
  @Test func slowLoris() async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox) { $0.idleSeconds = 2 }
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    peer.send(set.manifest + set.data(0) + set.digest(0) + set.data(1).prefix(17))
    let dripping = onThread {
      for _ in 0..<2_400 {
        guard peer.send([1]) else { break }
        usleep(50_000)
      }
    }
    guard case .abort(let abort) = peer.events().last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.reason == .timeout)
    peer.endSending()
    #expect(try await receiving.value.get().outcome == .connectionLost)
    #expect(try StreamScratch.names(inbox) == ["a"])
    _ = await dripping.value
  }
}
