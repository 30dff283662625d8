package import Accounting
package import FileSet
import NIOCore
import NIOPosix
package import Transport

/// One session of the chunked protocol over TCP on loopback, with real sockets: a sender and its receivers in
/// this process.
package struct LoopbackStream {
  var set: ScannedSet
  /// One a receiver.
  var folders: [String]

  package init(set: ScannedSet, folders: [String]) {
    self.set = set
    self.folders = folders
  }

  /// The reports of both sides.
  package struct Outcome {
    /// The sender's report.
    package var sent: StreamSendReport
    /// Each receiver's report, and from the sender's start to its end.
    package var receivers: [(report: StreamReceiveReport, seconds: Double)]
    /// From the sender's start to its last confirmation.
    package var seconds: Double

    /// The accounts of every connection, at both of its ends; nil for a connection that broke.
    package var accounts: [Account?] { sent.receivers.map(\.accounting) + receivers.map(\.report.accounting) }
  }

  /// Throws the error of a side that could not run, and `unbalanced` when an account does not balance.
  package func run() throws -> Outcome {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    defer { try? group.syncShutdownGracefully() }
    let receivers = try folders.enumerated().map { index, folder in
      var options = ReceiverOptions(
        port: 0, inbox: InboxOptions(path: folder), hostName: "receiver-\(index)")
      options.bindHost = Loopback.host
      options.waitSeconds = 30
      return try StreamReceiver(options, group: group)
    }
    defer { receivers.forEach { $0.close() } }
    let start = Loopback.nanoseconds()
    let crew = Loopback.Crew(count: receivers.count) { index in
      let report = try receivers[index].run { _ in }
      return (report, Loopback.seconds(since: start))
    }
    let sent = try StreamSender(
      set, to: receivers.map { StreamDestination(host: Loopback.host, port: $0.port) }, group: group
    ).run { _ in }
    let seconds = Loopback.seconds(since: start)
    let outcome = Outcome(sent: sent, receivers: try crew.join().map { try $0.get() }, seconds: seconds)
    try Balance.check(outcome.accounts)
    return outcome
  }
}
