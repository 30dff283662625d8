import Accounting
import FileSet
import Synchronization
import Transport

/// Sends one set to several destinations over UDP, side by side: independent sessions, one report.
struct ChunkedSending {
  let sessions: [UDPSendOptions]
  let set: ScannedSet
  let ending: SendEnding

  func run() throws {
    let senders = sessions.map { UDPSender(set, $0) }
    SignalTrap.install { senders.forEach { $0.cancel() } }
    let results = Mutex([Result<UDPSendReport, TransportError>?](repeating: nil, count: senders.count))
    let names = sessions.map(\.host)
    let ending = ending
    SideBySide.run(count: senders.count) { index in
      do throws(TransportError) {
        let report = try senders[index].run { ending.tell($0, label: names[index]) }
        results.withLock { $0[index] = .success(report) }
      } catch {
        results.withLock { $0[index] = .failure(error) }
      }
    }
    var report = SeveralSessions()
    for result in results.withLock({ $0.compactMap(\.self) }) {
      switch result {
      case .success(let session):
        ending.say(session)
        report.sessions.append(session)
        report.add(session.status)
      case .failure(let error):
        Console.fail(error)
        report.errors.append("\(error)")
        report.add(ExitStatus(error))
      }
    }
    try ending.end(report)
  }
}

/// A set that went to several receivers, each in a session of its own.
private struct SeveralSessions: TransferReport {
  var sessions: [UDPSendReport] = []
  /// Why a session did not begin.
  var errors: [String] = []
  /// The first that is not whole.
  private var firstFailure: ExitStatus?

  private enum CodingKeys: CodingKey { case sessions, errors }

  mutating func add(_ status: ExitStatus) {
    if status != .whole { firstFailure = firstFailure ?? status }
  }

  var status: ExitStatus {
    guard let firstFailure else { return .whole }
    return sessions.contains { $0.outcome == .whole } ? .partial : firstFailure
  }
  /// Receivers of one-way sessions do not answer.
  var isKnownWhole: Bool? {
    firstFailure == nil && sessions.contains { $0.isWhole == nil } ? nil : firstFailure == nil
  }
  var accounts: [Account] { sessions.map(\.accounting) }
}
