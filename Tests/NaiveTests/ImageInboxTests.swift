import Ground
import Foundation
import Naive
import Testing

/// Where received images go.
struct ImageInboxTests {
  private let route = Route(mode: .unicast, host: "127.0.0.1")

  private func transfer(
    _ images: [(name: String, bytes: [UInt8])], _ scratch: Scratch,
    _ change: (inout NaiveReceiveConfiguration) -> Void
  ) async throws -> NaiveReceiveReport {
    var receiving = route.receiving(into: scratch.path + "/in")
    change(&receiving)
    let receiver = try await RunningReceiver(receiving)
    _ = try await send(try scratch.files(images), route.sending(to: try #require(receiver.port)))
    return try await receiver.report()
  }

  @Test func nothingIsOverwrittenUnlessAsked() async throws {
    let scratch = try Scratch()
    let first = smallImages(1)
    _ = try await transfer(first, scratch) { _ in }
    let error = await #expect(throws: NaiveError.self) {
      _ = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    }
    #expect(error == .inboxOccupied(path: scratch.path + "/in/image-0000.jpg"))
    #expect(try scratch.inbox() == [inboxName(0): first[0].bytes])

    let second = imageBytes(seed: 77, byteCount: 100)
    _ = try await transfer([("x.jpg", second)], scratch) { $0.inbox.isOverwriting = true }
    #expect(try scratch.inbox() == [inboxName(0): second])
  }

  @Test func aLaterSessionGoesOnWithTheNumbers() async throws {
    let scratch = try Scratch()
    let images = smallImages(3)
    _ = try await transfer(Array(images[..<2]), scratch) { _ in }
    try FileManager.default.removeItem(atPath: scratch.path + "/out")
    let report = try await transfer([images[2]], scratch) { $0.inbox.firstNumber = 2 }
    #expect(report.imageCount == 1)
    let expected = Dictionary(uniqueKeysWithValues: images.enumerated().map { (inboxName($0), $1.bytes) })
    #expect(try scratch.inbox() == expected)
  }

  /// A person who waits for a sender must have heard that nothing can be stored.
  @Test func aFolderThatTakesNoFilesIsSaidBeforeListening() async throws {
    let error = await #expect(throws: NaiveError.self) {
      _ = try await RunningReceiver(route.receiving(into: "/proc"))
    }
    guard case .cannotStore(let path, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path.hasPrefix("/proc/image-0000.jpg"))
  }

  @Test func anImageThatAppearsMeanwhileIsKept() async throws {
    let scratch = try Scratch()
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    try Data([1]).write(to: URL(fileURLWithPath: scratch.path + "/in/" + inboxName(1)))
    _ = try await send(try scratch.files(smallImages(2)), route.sending(to: try #require(receiver.port)))
    await #expect(throws: NaiveError.inboxOccupied(path: scratch.path + "/in/" + inboxName(1))) {
      _ = try await receiver.report()
    }
    #expect(try scratch.inbox()[inboxName(1)] == [1])
    #expect(try scratch.inbox().count == 2, "and no part file stays")
  }

  @Test func withoutADirectoryImagesAreCountedOnly() async throws {
    let scratch = try Scratch()
    let report = try await transfer(smallImages(3), scratch) { $0.inbox.directory = nil }
    #expect(report.imageCount == 3)
    #expect(try scratch.inbox().isEmpty)
  }

  @Test func aDirectoryThatCannotBeMadeIsAnError() async throws {
    let error = await #expect(throws: NaiveError.self) {
      _ = try await RunningReceiver(route.receiving(into: "/nonexistent/deeper/inbox"))
    }
    #expect(error == .cannotStore(path: "/nonexistent/deeper/inbox", errno: ENOENT))
  }

  @Test func theImageLimitEndsASession() async throws {
    let scratch = try Scratch()
    let report = try await transfer(smallImages(4), scratch) { $0.limits.imageCount = 2 }
    #expect(report.outcome == .imageLimit && report.imageCount == 2)
    #expect(try scratch.inbox().count == 2)
  }
}
