import Foundation
import GalleryTransfer
import TestSupport
import Testing

/// Real transfers over loopback, by the library.
@Suite struct TransferUpdatesTests {
  private final class Scratch: Sendable {
    let path: String

    init(files: [String: [UInt8]]) throws {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("library-\(UUID())").path
      for (name, bytes) in files {
        let file = URL(fileURLWithPath: path + "/set/" + name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func received(_ name: String) -> [UInt8]? {
      FileManager.default.contents(atPath: path + "/inbox/" + name).map { [UInt8]($0) }
    }
  }

  private static let files = [
    "a.jpg": seededBytes(300_000, seed: 1), "b/c.txt": [1, 2, 3], "empty": [],
  ]

  /// Sends to the receiver as soon as it listens. Returns both reports and the receiver's files.
  private func transfer(
    _ receive: ReceiveRequest, from scratch: Scratch,
    _ send: @escaping @Sendable (Int) -> SendRequest
  ) async throws -> (SendReport, ReceiveReport, Set<String>) {
    var sending: Task<SendReport, any Error>?
    var names: Set<String> = []
    var report: ReceiveReport?
    for try await update in receive.start() {
      switch update {
      case .listening(_, let port):
        sending = sending ?? Task { try await send(port).start().report() }
      case .received(let file):
        names.insert(file.name)
        #expect(FileManager.default.fileExists(atPath: file.path))
      case .finished(let end): report = end
      case .began(let fileCount, let byteCount):
        #expect(fileCount == 3 && byteCount == 300_003)
      case .joined, .lost, .progress, .notice: break
      }
    }
    return (try await #require(sending).value, try #require(report), names)
  }

  @Test(arguments: [false, true])
  func overUDP(isKeyed: Bool) async throws {
    let code = isKeyed ? newCode() : nil
    let scratch = try Scratch(files: Self.files)
    var request = ReceiveRequest(into: scratch.path + "/inbox", from: .unicast)
    request.port = 0
    request.name = "the test"
    request.code = code
    let (sent, received, names) = try await transfer(request, from: scratch) { port in
      var request = SendRequest([scratch.path + "/set"], to: .unicast(host: "127.0.0.1"))
      request.port = port
      request.code = code
      return request
    }
    #expect(sent.isWhole && received.isWhole)
    #expect(sent.receivers.map(\.name) == ["the test (127.0.0.1)"])
    #expect(sent.receivers.map(\.verifiedFileCount) == [3])
    #expect(sent.fileCount == 3 && sent.byteCount == 300_003)
    #expect(received.verifiedFileCount == 3 && received.failures.isEmpty)
    #expect(names == Set(Self.files.keys))
    for (name, bytes) in Self.files { #expect(scratch.received(name) == bytes) }
  }

  @Test func signed() async throws {
    let scratch = try Scratch(files: Self.files)
    let key = scratch.path + "/my.sign"
    #expect(try newSigningKey(at: key).count > 20)
    var request = ReceiveRequest(into: scratch.path + "/inbox")
    request.port = 0
    request.trust = key + ".pub"
    let (sent, received, _) = try await transfer(request, from: scratch) { port in
      var request = SendRequest([scratch.path + "/set"], to: .unicast(host: "127.0.0.1"))
      request.port = port
      request.sign = key
      return request
    }
    #expect(sent.isWhole && received.isWhole && received.wrongSegmentCount == 0)
    for (name, bytes) in Self.files { #expect(scratch.received(name) == bytes) }
    #expect(throws: TransferFailure.self) { try newSigningKey(at: key) }
  }

  /// A receiver that trusts another sender hears nobody, and without datagrams there is no signature.
  @Test func whoIsNotTrustedIsNotHeard() async throws {
    let scratch = try Scratch(files: Self.files)
    for name in ["mine", "other"] { _ = try newSigningKey(at: "\(scratch.path)/\(name)") }
    var request = ReceiveRequest(into: scratch.path + "/inbox", from: .unicast)
    request.port = 0
    request.trust = scratch.path + "/other.pub"
    request.wait = .seconds(2)
    let receive = request
    var sending: Task<SendReport, any Error>?
    await #expect(throws: TransferFailure.self) {
      for try await case .listening(_, let port) in receive.start() {
        var request = SendRequest([scratch.path + "/set"], to: .unicast(host: "127.0.0.1"))
        request.port = port
        request.sign = scratch.path + "/mine"
        request.wait = .seconds(2)
        let sent = request
        sending = sending ?? Task { try await sent.start().report() }
      }
    }
    let task = try #require(sending)
    await #expect(throws: TransferFailure.self) { try await task.value }
    #expect(scratch.received("a.jpg") == nil)
    var overTCP = request
    overTCP.source = .tcp
    let refused = overTCP
    await #expect(throws: TransferFailure.self) { try await refused.start().report() }
  }

  @Test func overTCP() async throws {
    let scratch = try Scratch(files: Self.files)
    var request = ReceiveRequest(into: scratch.path + "/inbox", from: .tcp)
    request.port = 0
    let (sent, received, _) = try await transfer(request, from: scratch) { port in
      var request = SendRequest([scratch.path + "/set"], to: .tcp(hosts: ["127.0.0.1"]))
      request.port = port
      return request
    }
    #expect(sent.isWhole && received.isWhole)
    for (name, bytes) in Self.files { #expect(scratch.received(name) == bytes) }
  }

  @Test func aReceiverWithoutAModeTakesUDP() async throws {
    let scratch = try Scratch(files: Self.files)
    var request = ReceiveRequest(into: scratch.path + "/inbox")
    request.port = 0
    let (sent, received, _) = try await transfer(request, from: scratch) { port in
      var request = SendRequest([scratch.path + "/set"], to: .unicast(host: "127.0.0.1"))
      request.port = port
      return request
    }
    #expect(sent.isWhole && received.isWhole)
  }

  @Test func aCancelledTaskEndsTheTransfer() async throws {
    let scratch = try Scratch(files: [:])
    var request = ReceiveRequest(into: scratch.path + "/inbox", from: .unicast)
    request.port = 0
    let updates = request.start()
    let (ready, isReady) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      for try await update in updates {
        if case .listening(_, let port) = update { isReady.yield(port) }
      }
    }
    var port: Int?
    for await found in ready {
      port = found
      break
    }
    task.cancel()
    try await task.value
    // The port is free again when the receiver has ended.
    var again = request
    again.port = try #require(port)
    again.wait = .milliseconds(1)
    while true {
      do { _ = try await again.start().report() } catch let failure as TransferFailure {
        if failure.kind == .nobodyThere { break }
        #expect(failure.kind == .network, "\(failure)")
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  @Test func whatIsWrongIsNamed() async throws {
    let scratch = try Scratch(files: Self.files)
    func kind(_ request: SendRequest) async throws -> TransferFailure.Kind? {
      do { _ = try await request.start().report() } catch let failure as TransferFailure {
        #expect(!failure.description.isEmpty)
        return failure.kind
      }
      return nil
    }
    let set = [scratch.path + "/set"]
    #expect(try await kind(SendRequest([scratch.path + "/none"], to: .unicast(host: "127.0.0.1"))) == .files)
    #expect(try await kind(SendRequest(set, to: .tcp(hosts: []))) == .badRequest)
    #expect(try await kind(SendRequest(set, to: .unicast(host: "239.1.2.3"))) == .badRequest)
    var request = SendRequest(set, to: .unicast(host: "127.0.0.1"))
    request.port = 0
    #expect(try await kind(request) == .badRequest)
    request.port = 9
    request.wait = .milliseconds(50)
    #expect(try await kind(request) == .nobodyThere)
    request.code = "these are no six words of it"
    #expect(try await kind(request) == .badRequest)
    let file = ReceiveRequest(into: scratch.path + "/set/a.jpg", from: .unicast)
    await #expect(throws: TransferFailure.self) { try await file.start().report() }
  }
}
