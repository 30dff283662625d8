import Foundation
import Naive
import Synchronization
import Testing

/// Wire compatibility: our senders with the course's receivers, and the course's senders with our receivers.
@Suite(.serialized)
struct CourseTests {
  /// How the course's programs are told what a `Route` says.
  private struct Case {
    var folder: String
    var receiver: String
    var receiverArguments: (Int) -> [String]
    var senderArguments: (Int) -> [String]
  }

  private static func programs(for route: Route) -> Case {
    switch route.mode {
    case .unicast, .broadcast:
      Case(
        folder: "udp/\(route.mode.rawValue)", receiver: "udp/unicast",
        receiverArguments: { ["--bind_ip", route.host, "--bind_port", "\($0)"] },
        senderArguments: { ["--to_ip", route.host, "--to_port", "\($0)"] })
    case .multicast:
      Case(
        folder: "udp/multicast", receiver: "udp/multicast",
        receiverArguments: {
          ["--mcast_ip", route.host, "--mcast_port", "\($0)", "--arrival_ip", "127.0.0.1"]
        },
        senderArguments: {
          ["--mcast_ip", route.host, "--mcast_port", "\($0)", "--outbound_ip", "127.0.0.1"]
        })
    case .tcp:
      Case(
        folder: "tcp", receiver: "tcp",
        receiverArguments: { ["--listen_ip", route.host, "--listen_port", "\($0)"] },
        senderArguments: { ["--to_ip", route.host, "--to_port", "\($0)"] })
    }
  }

  static let routes = [
    Route(mode: .unicast, host: "127.0.0.1"), Route(mode: .broadcast, host: "127.255.255.255"),
    Route(mode: .multicast, host: "239.71.72.1", interface: "127.0.0.1"),
    Route(mode: .tcp, host: "127.0.0.1"),
  ]
  /// Below the kernel's ephemeral ports, where nobody is given one by chance.
  private static let nextPort = Mutex(20_000 + Int(ProcessInfo.processInfo.processIdentifier % 10_000))

  @Test(arguments: routes)
  func ourSenderWithTheCoursesReceiver(route: Route) async throws {
    guard let course = try Course.available() else { return }
    let scratch = try Scratch()
    let programs = Self.programs(for: route)
    let port = Self.nextPort.withLock { port in
      port += 1
      return port
    }
    let receiver = try PythonProgram(
      [
        Course.repository + "/Tools/course-receiver",
        "\(course.directory)/\(programs.receiver)/show_gallery.py",
        scratch.path + "/recorded",
      ] + programs.receiverArguments(port))
    try await waitUntil("the course's receiver listens", seconds: 60) {
      receiver.output.lowercased().contains("bound to") || receiver.output.contains("Listening")
        || !receiver.isRunning
    }
    try await Task.sleep(for: .milliseconds(300))  // it says so before it has joined its group

    let images = Array(course.images.prefix(8))
    var configuration = route.sending(to: port)
    configuration.timing.pauseNanoseconds = 60_000_000  // it decodes between two reads, from a small buffer
    let sent = try await send(try scratch.files(images), configuration)
    let status = try await onThread { receiver.waitForEnd(seconds: 60) }

    #expect(status == 0, "\(receiver.output)")
    #expect(sent.imageCount == images.count)
    let expected = Dictionary(uniqueKeysWithValues: images.enumerated().map { ("\($0)", $1.bytes) })
    #expect(try Scratch.contents(of: scratch.path + "/recorded") == expected)
    for (index, image) in images.enumerated() {
      #expect(receiver.output.contains("Image \(index): received \(image.bytes.count) bytes."))
    }
    #expect(receiver.output.contains("End of Transmission") && receiver.output.contains("Done."))
  }

  @Test(arguments: routes)
  func theCoursesSenderWithOurReceiver(route: Route) async throws {
    guard let course = try Course.available() else { return }
    let scratch = try Scratch()
    let images = Array(course.images.prefix(8))
    _ = try scratch.files(images)
    let receiver = try await RunningReceiver(route.receiving(into: scratch.path + "/in"))
    let port = try #require(receiver.port)
    let programs = Self.programs(for: route)
    let sender = try PythonProgram(
      ["\(course.directory)/\(programs.folder)/send_gallery.py", "--img_dir", scratch.path + "/out"]
        + programs.senderArguments(port))
    let status = try await onThread { sender.waitForEnd(seconds: 60) }
    let report = try await receiver.report()

    #expect(status == 0, "\(sender.output)")
    #expect(
      report.outcome == .endMarker && report.imageCount == images.count && report.nonJPEGImageCount == 0)
    // The course sends in the order of its directory, whatever that is.
    let received = try scratch.inbox().values.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(received == images.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    #expect(sender.output.contains("End of Transmission"))
  }
}

/// `Tools/course-programs` itself.
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

  @Test func allSevenCompile() throws {
    guard let course = try Course.available() else { return }
    let programs = [
      "udp/unicast/show", "udp/unicast/send", "udp/broadcast/send", "udp/multicast/show",
      "udp/multicast/send",
      "tcp/show", "tcp/send",
    ].map { "\(course.directory)/\($0)_gallery.py" }
    for program in programs {
      let help = Course.runToEnd([program, "--help"], seconds: 60)
      #expect(help.status == 0 && help.output.contains("usage:"), "\(program): \(help.output)")
    }
  }
}
