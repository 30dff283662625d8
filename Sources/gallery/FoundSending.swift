import Accounting
import FileSet
import Transport

/// What a sender without `--to` is to do: whom to look for, and how to send to those that are found.
struct FoundPlanOptions: Sendable {
  var search: FinderOptions
  /// Of every session; host, port and mode are those of the receivers that are found.
  var session: UDPSendOptions
}

/// Finds the receivers of a room and sends them a set; Specs/invitations.md.
struct FoundSending {
  let options: FoundPlanOptions
  let set: ScannedSet
  let ending: SendEnding

  /// Returns when every receiver has every file; throws an exit code, or why nobody was found.
  func run() throws {
    let finder = Finder(options.search)
    SignalTrap.install { finder.cancel() }
    let ending = ending
    let found = try finder.run { ending.tell($0) }
    let deliveries = Deliveries(found, set: set, options: options, ending: ending)
    SignalTrap.install { deliveries.cancel() }
    let report = deliveries.run(problem: problem(found))
    if let problem = report.problem { ending.console.say("not whole: \(problem)") }
    try ending.end(report)
  }

  /// Why a receiver that was wanted is not served. One that the user did not wait for is not missed.
  private func problem(_ found: [FoundReceiver]) -> String? {
    let names = options.search.names.filter { name in
      !found.contains { $0.name.lowercased() == name.lowercased() }
    }
    if !names.isEmpty { return "not found: " + names.map(\.printable).joined(separator: ", ") }
    guard let wanted = options.search.receiverCount, found.count < wanted, options.search.takeStart == nil
    else { return nil }
    return "\(found.count) of \(Counted.text(wanted, "receiver")) found"
  }
}
