import Ground
import Foundation
import Naive
import Synchronization
import Testing

/// What can be sent is decided before anything is.
struct SendListTests {
  @Test func whatNoDatagramCarriesIsRefusedByName() async throws {
    let scratch = try Scratch()
    let route = Route(mode: .unicast, host: "127.0.0.1")
    let files = try scratch.files([
      ("a.jpg", imageBytes(seed: 1, byteCount: 10)), ("b.jpg", imageBytes(seed: 2, byteCount: 65_508)),
      ("c.jpg", []),
    ])
    let receiver = try await RunningReceiver(route.receiving(into: nil))
    let sending = route.sending(to: try #require(receiver.port))
    let error = await #expect(throws: NaiveError.self) { _ = try await send(files, sending) }
    #expect(
      error
        == .unsendable([
          RefusedImage(name: "b.jpg", byteCount: 65_508, reason: .tooLarge),
          RefusedImage(name: "c.jpg", byteCount: 0, reason: .empty),
        ]))
    #expect(try #require(error).description.contains("use the chunked protocol"))
    receiver.cancel()
    #expect(try await receiver.report().datagramCount == 0, "nothing was sent")
  }

  @Test func skippingThemSendsTheRest() async throws {
    let scratch = try Scratch()
    let route = Route(mode: .unicast, host: "127.0.0.1")
    let files = try scratch.files([
      ("a.jpg", imageBytes(seed: 1, byteCount: 10)), ("b.jpg", imageBytes(seed: 2, byteCount: 65_508)),
    ])
    let receiver = try await RunningReceiver(route.receiving(into: nil))
    var sending = route.sending(to: try #require(receiver.port))
    sending.skipsUnsendableImages = true
    let sent = try await send(files, sending)
    #expect(sent.imageCount == 1 && sent.refusedImages.map(\.name) == ["b.jpg"])
    #expect(try await receiver.report().imageCount == 1)
  }

  @Test func overTCPOnlyTheEmptyImageIsRefused() async throws {
    let scratch = try Scratch()
    let files = try scratch.files([("large.jpg", imageBytes(seed: 2, byteCount: 65_508)), ("none.jpg", [])])
    let error = await #expect(throws: NaiveError.self) {
      _ = try await send(files, Route(mode: .tcp, host: "127.0.0.1").sending(to: 1))
    }
    #expect(error == .unsendable([RefusedImage(name: "none.jpg", byteCount: 0, reason: .empty)]))
  }

  @Test(arguments: TransferMode.allCases)
  func nothingAndMissingFilesAreErrors(mode: TransferMode) throws {
    let sender = try NaiveSender(.init(endpoint: NaiveEndpoint(mode: mode, host: "127.0.0.1")))
    #expect(throws: NaiveError.noImages) { _ = try sender.run([]) }
    let missing = "/nonexistent/a.jpg"
    #expect(throws: NaiveError.cannotRead(path: missing, errno: ENOENT)) {
      _ = try sender.run([NaiveFile(path: missing, name: "a.jpg")])
    }
    #expect(throws: NaiveError.cannotRead(path: "/tmp", errno: EISDIR)) {
      _ = try sender.run([NaiveFile(path: "/tmp", name: "tmp")])
    }
  }
}
