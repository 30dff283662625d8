import Accounting
import Transport

/// How a set went to the receivers that a search has found: `--json` of a sender without `--to`.
struct FoundReport: TransferReport {
  struct Receiver: Encodable {
    /// From the wire, so print it as `name.printable`.
    var name: String
    var address: String
    var receiverID: String
    /// How it was served at last: multicast, unicast or tcp.
    var mode: String
    /// Why so.
    var reason: String
    var isWhole: Bool
    /// Why it is not whole.
    var failure: String?
  }

  var receivers: [Receiver]
  /// Over UDP: the group's, and those with single receivers.
  var sessions: [UDPSendReport]
  /// Over TCP.
  var streams: [StreamSendReport]
  /// Why not every wanted receiver was served; nil when each was.
  var problem: String?
  private var firstFailure: ExitStatus?

  private enum CodingKeys: CodingKey { case receivers, sessions, streams, problem }

  init(
    receivers: [Receiver], sessions: [UDPSendReport], streams: [StreamSendReport], problem: String?,
    firstFailure: ExitStatus?
  ) {
    self.receivers = receivers
    self.sessions = sessions
    self.streams = streams
    self.problem = problem
    self.firstFailure = firstFailure
  }

  private var isWhole: Bool { problem == nil && receivers.allSatisfy(\.isWhole) }

  var status: ExitStatus {
    if isWhole { return .whole }
    return receivers.contains(where: \.isWhole) ? .partial : firstFailure ?? .partial
  }
  var isKnownWhole: Bool? { isWhole }
  var accounts: [Account] { sessions.flatMap(\.accounts) + streams.flatMap(\.accounts) }
}
