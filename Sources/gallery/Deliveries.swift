import Dispatch
import FileSet
import Ground
import NIOCore
import NIOPosix
import Network
import Synchronization
import Trace
import Transport

/// Serves the receivers that a search has found: a group by multicast, others by unicast beside it, and by
/// TCP those that UDP does not reach. Sessions run side by side, each on a thread of its own.
final class Deliveries: Sendable {
  /// How long a receiver that has just answered may take to join: the group, then its own session.
  private static let patience = (group: 6.0, unicast: 5.0, tcp: 5.0)

  private struct State {
    var isCancelled = false
    var cancellations: [@Sendable () -> Void] = []
    var sessions: [UDPSendReport] = []
    var streams: [StreamSendReport] = []
    var receivers: [FoundReport.Receiver]
    var firstFailure: ExitStatus?
  }

  private let found: [FoundReceiver]
  private let plan: FoundPlan
  private let set: ScannedSet
  private let options: FoundPlanOptions
  private let ending: SendEnding
  private let state: Mutex<State>
  private let beside = DispatchGroup()

  init(_ found: [FoundReceiver], set: ScannedSet, options: FoundPlanOptions, ending: SendEnding) {
    self.found = found
    plan = FoundPlan(found)
    self.set = set
    self.options = options
    self.ending = ending
    state = Mutex(
      State(
        receivers: found.map {
          FoundReport.Receiver(
            name: $0.name, address: $0.host.address, receiverID: $0.host.receiverID,
            mode: TransferMode.unicast.rawValue, reason: "", isWhole: false)
        }))
  }

  /// Ends all sessions; those that would begin later do not.
  func cancel() {
    let actions = state.withLock {
      $0.isCancelled = true
      return $0.cancellations
    }
    actions.forEach { $0() }
  }

  /// Returns when each receiver has been served or given up.
  func run(problem: String?) -> FoundReport {
    if let group = plan.group {
      let also = plan.others.isEmpty ? "" : ", the others by unicast, because multicast does not reach them"
      ending.console.say("sending to \(group.members.count) receivers by multicast, one copy for all\(also)")
      serveEach(plan.others, because: "multicast does not reach it")
      serve(group)
    } else if found.count == 1 {
      serveEach(found, because: "it is the only receiver")
    } else {
      serveEach(found, because: "multicast does not reach it and another one")
    }
    beside.wait()
    return state.withLock {
      FoundReport(
        receivers: $0.receivers, sessions: $0.sessions, streams: $0.streams, problem: problem,
        firstFailure: $0.isCancelled ? .endedByUser : $0.firstFailure)
    }
  }

  // MARK: The group

  private func serve(_ group: FoundPlan.Group) {
    for member in group.members { tell(member, .multicast, "it heard the group, and others did") }
    let joins = GroupJoins(group.members)
    let result = udp(groupOptions(group, joins), label: "") { event in
      if case .joined(let join) = event { joins.note(join.receiverID) }
    }
    switch result {
    case .success(let report):
      for receiver in report.receivers {
        guard let member = group.members.first(where: { $0.host.receiverID == receiver.id }) else { continue }
        settle(member, failure: receiver.outcome == "whole" ? nil : receiver.reason ?? receiver.outcome)
      }
    case .failure(.cancelled): return
    case .failure(.nobodyListening): break
    case .failure(let error):
      for member in group.members { settle(member, failure: "\(error)", error) }
      return
    }
    serveEach(joins.takeMissing(), because: "the group does not reach it")
  }

  private func groupOptions(_ group: FoundPlan.Group, _ joins: GroupJoins) -> UDPSendOptions {
    let search = self.options.search
    var options = self.options.session
    options.mode = .multicast
    options.interface = NetworkInterface.numbered(group.interfaceIndex)?.name
    (options.host, options.port) = (search.groupAddress(isIPv6: group.isIPv6), search.port)
    options.receiverCount = group.members.count
    options.joinSeconds = Self.patience.group
    options.takeStart = { [weak self] in
      guard joins.isLate else { return false }
      self?.serveEach(joins.takeMissing(), because: "the group does not reach it")
      return true
    }
    return options
  }

  // MARK: Single receivers

  /// Begins, and returns at once.
  private func serveEach(_ receivers: [FoundReceiver], because reason: String) {
    guard !receivers.isEmpty else { return }
    beside.enter()
    DispatchQueue(label: "gallery.deliveries").async {
      SideBySide.run(count: receivers.count) { self.serve(receivers[$0], because: reason) }
      self.beside.leave()
    }
  }

  private func serve(_ receiver: FoundReceiver, because reason: String) {
    guard let place = receiver.place else { return }
    ending.console.say("serving \(receiver.text) by unicast: \(reason)")
    tell(receiver, .unicast, reason)
    var options = options.session
    options.mode = .unicast
    options.address = place.address
    options.host = place.address.plainIPAddress ?? ""
    options.receiverCount = nil
    options.joinSeconds = Self.patience.unicast
    if found.count > 1 { options.trace = options.trace.labelled("\(options.host)-\(options.port)") }
    switch udp(options, label: found.count > 1 ? receiver.text : "", { _ in }) {
    case .success(let report):
      settle(
        receiver,
        failure: report.isWhole ?? false ? nil : report.problem ?? report.receivers.first?.reason ?? "")
    case .failure(.nobodyListening) where canServeByTCP(receiver):
      serveByTCP(receiver, because: "UDP does not pass, nobody answered there")
    case .failure(.pathTooNarrow(_, let byteCount, _, false)) where canServeByTCP(receiver):
      serveByTCP(receiver, because: "UDP does not pass in packets of \(byteCount) bytes")
    case .failure(let error): settle(receiver, failure: "\(error)", error)
    }
  }

  /// A signed set does not go over TCP, which has no signatures.
  private func canServeByTCP(_ receiver: FoundReceiver) -> Bool {
    receiver.tcpPort > 0 && options.session.signing == nil
  }

  private func serveByTCP(_ receiver: FoundReceiver, because reason: String) {
    guard let place = receiver.place else { return }
    ending.console.say("serving \(receiver.text) by TCP: \(reason)")
    tell(receiver, .tcp, reason)
    var options = StreamSendOptions()
    options.connectSeconds = Self.patience.tcp
    options.secret = self.options.session.secret
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let destination = StreamDestination(host: place.address.zonedIPAddress ?? "", port: receiver.tcpPort)
    let sender = StreamSender(set, to: [destination], options: options, group: group)
    guard begin({ sender.cancel() }) else { return }
    do {
      let report = try sender.run { [ending] in ending.tell($0, label: receiver.text) }
      ending.say(report)
      state.withLock { $0.streams.append(report) }
      settle(receiver, failure: report.isWhole ? nil : report.receivers.first?.message ?? "")
    } catch { settle(receiver, failure: "\(error)", error) }
  }

  // MARK: What is common

  private func udp(
    _ options: UDPSendOptions, label: String, _ hear: @escaping @Sendable (TransferEvent) -> Void
  ) -> Result<UDPSendReport, TransportError> {
    let sender = UDPSender(set, options)
    guard begin({ sender.cancel() }) else { return .failure(.cancelled) }
    do throws(TransportError) {
      let report = try sender.run { [ending] event in
        ending.tell(event, label: label)
        hear(event)
      }
      ending.say(report)
      state.withLock { $0.sessions.append(report) }
      return .success(report)
    } catch { return .failure(error) }
  }

  /// Whether a session may begin.
  private func begin(_ cancel: @escaping @Sendable () -> Void) -> Bool {
    state.withLock {
      $0.cancellations.append(cancel)
      return !$0.isCancelled
    }
  }

  private func tell(_ receiver: FoundReceiver, _ mode: TransferMode, _ reason: String) {
    let host = receiver.host
    change(host.receiverID) {
      $0.mode = mode.rawValue
      $0.reason = reason
    }
    ending.tell(
      .way(
        ReceiverWay(
          name: host.name, address: host.address, receiverID: host.receiverID, mode: mode, reason: reason)))
  }

  /// The outcome of a receiver's session. `failure`: why it is not whole. `error`: why it never began.
  private func settle(_ receiver: FoundReceiver, failure: String?, _ error: (any Error)? = nil) {
    let host = receiver.host
    let isWholeAlready = state.withLock { state in
      state.receivers.contains { $0.receiverID == host.receiverID && $0.isWhole }
    }
    guard !isWholeAlready else { return }
    change(host.receiverID) {
      $0.isWhole = failure == nil
      $0.failure = failure
    }
    guard let error else { return }
    Console.fail("\(receiver.text): \(error)")
    state.withLock { $0.firstFailure = $0.firstFailure ?? ExitStatus(error) }
    ending.tell(
      .lost(
        LostReceiver(
          name: host.name, address: host.address, receiverID: host.receiverID, outcome: "unreached",
          reason: "\(error)")))
  }

  private func change(_ receiverID: String, _ change: (inout FoundReport.Receiver) -> Void) {
    state.withLock { state in
      guard let place = state.receivers.firstIndex(where: { $0.receiverID == receiverID }) else { return }
      change(&state.receivers[place])
    }
  }
}
