import FileSet
import NIOCore
import NIOPosix
import Transport

/// One session of the chunked protocol over TCP on loopback, with real sockets: a sender and its receivers in this process.
struct LoopbackStream {
  var set: ScannedSet
  /// One a receiver.
  var folders: [String]

  struct Outcome {
    var sent: StreamSendReport
    /// Each receiver's report, and from the sender's start to its end.
    var receivers: [(report: StreamReceiveReport, seconds: Double)]
    /// From the sender's start to its last confirmation.
    var seconds: Double
  }

  func run() throws -> Outcome {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    defer { try? group.syncShutdownGracefully() }
    let receivers = try folders.enumerated().map { index, folder in
      var options = StreamReceiveOptions(inboxPath: folder)
      options.bindHost = Loopback.host
      options.port = 0
      options.hostName = "receiver-\(index)"
      options.waitSeconds = 30
      return try StreamReceiver(options, group: group)
    }
    defer { receivers.forEach { $0.close() } }
    let start = Loopback.nanoseconds()
    let crew = Loopback.Crew(count: receivers.count) { index in
      let report = try receivers[index].run()
      return (report, Loopback.seconds(since: start))
    }
    let sent = try StreamSender(
      set, to: receivers.map { StreamDestination(host: Loopback.host, port: $0.port) }, group: group
    ).run()
    let seconds = Loopback.seconds(since: start)
    return Outcome(sent: sent, receivers: try crew.join().map { try $0.get() }, seconds: seconds)
  }
}
