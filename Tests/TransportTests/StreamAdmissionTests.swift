import Checksum
import Ground
import TestSupport
import Testing
import Transport
import Wire

/// Who becomes a session, and who is turned away.
@Suite struct StreamAdmissionTests {
  private static let set: HandmadeSet? = try? HandmadeSet([("a", [1, 2, 3])])

  private func finish(_ peer: StreamRawPeer, _ set: HandmadeSet) -> [StreamEvent] {
    peer.send(set.manifest + set.data(0) + set.digest(0) + set.end)
    peer.endSending()
    return peer.events()
  }

  /// A connection that is no sender gets an abort and ends nothing. The next connection is served.
  @Test(arguments: [
    (Array("GET / HTTP/1.1\r\n\r\n".utf8), AbortReason.refused),
    (rawFrame(1, Array("GLRY".utf8) + [9, 1, 2, 3]), .versionMismatch),
    (rawFrame(1, Array("GLRX".utf8) + [UInt8](repeating: 1, count: 44)), .refused),
    (rawFrame(5, [UInt8](repeating: 0, count: 8)), .refused),
  ])
  func junkIsTurnedAway(bytes: [UInt8], reason: AbortReason) async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let inbox = try scratch.folder("inbox")
    let receiver = try streamReceiver(inbox)
    defer { receiver.close() }
    let notices = NoticeList()
    let receiving = onThread { try receiver.run(notices.hear) }
    let junk = try #require(StreamRawPeer.connect(port: receiver.port))
    junk.send(bytes)
    guard case .abort(let abort) = junk.events().last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.reason == reason)
    if reason == .versionMismatch {
      #expect(abort.text.contains("version 2") && abort.text.contains("yours is 9"))
    }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    #expect(finish(peer, set).last?.type == .complete)
    let report = try await receiving.value.get()
    #expect(report.outcome == .whole)
    #expect(report.rejectedConnectionCount == 1)
    #expect(notices.lines.count == 1)
  }

  @Test func impossibleHello() async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    for (manifest, files, bytes) in [
      (7, 0, 0), (1 << 29, 1, 1), (100, 1 << 25, 1), (100, 1, UInt64.max), (1 << 28, 12_782_641, 1),
      (28, 1, 0), (4_125, 1, 0), (9, 0, 0),
    ] as [(UInt32, UInt32, UInt64)] {
      let peer = try #require(StreamRawPeer.connect(port: receiver.port))
      peer.send(
        StreamHello(
          sessionID: 1, identity: .init(high: 1, low: 2), manifestByteCount: manifest, fileCount: files,
          fileByteCount: bytes
        ).frame())
      guard case .abort(let abort) = peer.events().last else {
        Issue.record("no abort")
        continue
      }
      #expect(abort.text.contains("impossible sizes"))
    }
    receiver.cancel()
    let result = await receiving.value
    #expect(throws: TransportError.cancelled) { try result.get() }
  }

  @Test func oneSessionAtATime() async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let first = try #require(StreamRawPeer.connect(port: receiver.port))
    first.send(set.hello)
    _ = first.events { $0.type == .welcome }

    let sender = try streamSender(try scratch.folder("out", ["x": [1]]), to: [receiver.port])
    let result = await onThread { try sender.run() }.value
    #expect(
      throws: TransportError.peerRefused(
        reason: .refused, text: "this receiver is busy with another session; try again when that is over")
    ) { try result.get() }

    #expect(finish(first, set).last?.type == .complete)
    #expect(try await receiving.value.get().outcome == .whole)
  }

  /// Silent connections hold nobody up; from the seventeenth on they are turned away at once.
  @Test func silentConnections() async throws {
    let set = try #require(Self.set)
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox"))
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    let silent = (0..<15).compactMap { _ in StreamRawPeer.connect(port: receiver.port) }
    #expect(silent.count == 15)
    let seventeenth = try #require(StreamRawPeer.connect(port: receiver.port))
    guard case .abort(let abort) = seventeenth.events().last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.text.contains("busy"))
    seventeenth.endSending()
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    #expect(finish(peer, set).last?.type == .complete)
    #expect(try await receiving.value.get().outcome == .whole)
    withExtendedLifetime(silent) {}
  }

  @Test func silentConnectionIsClosed() async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox")) { $0.idleSeconds = 0.2 }
    defer { receiver.close() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    guard case .abort(let abort) = peer.events().last else {
      Issue.record("no abort")
      return
    }
    #expect(abort.reason == .timeout)
  }

  @Test func nobodySends() async throws {
    let scratch = try StreamScratch()
    let receiver = try streamReceiver(try scratch.folder("inbox")) { $0.waitSeconds = 0.1 }
    defer { receiver.close() }
    let result = await onThread { try receiver.run() }.value
    #expect(throws: TransportError.nobodySending(address: receiver.address, seconds: 0.1)) {
      try result.get()
    }
  }

  @Test func portInUse() throws {
    let scratch = try StreamScratch()
    let listener = try #require(StreamRawListener())
    #expect(throws: TransportError.portInUse(address: "127.0.0.1:\(listener.port)")) {
      try streamReceiver(scratch.path) { $0.port = listener.port }
    }
  }
}
