import Ground
import Foundation
import Naive
import Testing

/// Wire compatibility with the programs of a first networking course: ours work with peers in Python that
/// send the same bytes as the course's programs (Tests/lab/course). Tests/lab/course-own.sh also compares
/// these peers with the course's own programs, where their text is available.
@Suite(.serialized)
struct CourseTests {
  private static let peers = Course.repository + "/Tests/lab/course"

  static let routes = [
    Route(mode: .unicast, host: "127.0.0.1"), Route(mode: .broadcast, host: "127.255.255.255"),
    Route(mode: .multicast, host: "239.71.72.1", interface: "127.0.0.1"),
    Route(mode: .tcp, host: "127.0.0.1"),
  ]

  @Test(arguments: routes)
  func ourSenderWithAReceiverAsTheCourses(route: Route) async throws {
    let scratch = try Scratch()
    let receiver = try PythonProgram([
      Self.peers + "/receiver.py", "--port", "0", "--interface", "127.0.0.1", "--busy", "0.01",
      route.mode.rawValue, scratch.path + "/recorded", route.host,
    ])
    try await waitUntil("the receiver listens") {
      receiver.output.hasPrefix("listening ") && receiver.output.contains("\n") || !receiver.isRunning
    }
    let port = try #require(
      receiver.output.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })

    let images = smallImages(8)
    var configuration = route.sending(to: port)
    configuration.timing.pauseNanoseconds = 30_000_000  // it is busy between two reads, behind a small buffer
    let sent = try await send(try scratch.files(images), configuration)
    let status = try await onThread { receiver.waitForEnd(seconds: 60) }

    #expect(status == 0, "\(receiver.output)")
    #expect(sent.imageCount == images.count)
    let expected = Dictionary(uniqueKeysWithValues: images.enumerated().map { ("\($0)", $1.bytes) })
    #expect(try Scratch.contents(of: scratch.path + "/recorded") == expected)
    #expect(receiver.output.hasSuffix("end\n"))
  }

  @Test(arguments: routes)
  func aSenderAsTheCoursesWithOurReceiver(route: Route) async throws {
    let scratch = try Scratch()
    let images = smallImages(8)
    _ = try scratch.files(images)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    let port = try #require(receiver.port)
    let sender = try PythonProgram([
      Self.peers + "/sender.py", "--port", "\(port)", "--interface", "127.0.0.1", "--wait", "0.5",
      route.mode.rawValue, scratch.path + "/out", route.host,
    ])
    let status = try await onThread { sender.waitForEnd(seconds: 60) }
    let report = try await receiver.report()

    #expect(status == 0, "\(sender.output)")
    #expect(
      report.outcome == .endMarker && report.imageCount == images.count && report.nonJPEGImageCount == 0)
    // The course sends in the order of its directory, whatever that is.
    let received = try scratch.inbox().values.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(received == images.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
  }
}

/// `Tools/course-programs`, which takes the course's own programs out of its text.
struct CourseProgramsTests {
  private let tool = Course.repository + "/Tools/course-programs"

  @Test func aMissingTextIsSaid() throws {
    let scratch = try Scratch()
    let result = Course.runToEnd([tool, scratch.path + "/out", scratch.path + "/none.txt"], seconds: 30)
    #expect(result.status == 2)
    #expect(result.output.contains("the course text is missing: no file \(scratch.path)/none.txt"))
  }

  @Test func anotherTextIsRefused() throws {
    let scratch = try Scratch()
    let text = scratch.path + "/other.txt"
    try Data("hello\n".utf8).write(to: URL(fileURLWithPath: text))
    let result = Course.runToEnd([tool, scratch.path + "/out", text], seconds: 30)
    #expect(result.status == 3 && result.output.contains("found none"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/out"))
  }
}
