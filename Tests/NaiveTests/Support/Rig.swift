import Ground
import Foundation
import Naive
import Synchronization
import Testing

/// A receiver at work on a thread of its own, and what it told.
final class RunningReceiver: Sendable {
  private let receiver: NaiveReceiver
  private let events = Mutex<[NaiveReceiveEvent]>([])
  private let outcome = Mutex<Result<NaiveReceiveReport, any Error>?>(nil)

  /// Starts it and returns once it listens.
  init(_ configuration: NaiveReceiveConfiguration) async throws {
    receiver = try NaiveReceiver(configuration)
    Thread.detachNewThread { [self] in
      let result = Result { try receiver.run { event in self.events.withLock { $0.append(event) } } }
      outcome.withLock { $0 = result.mapError { $0 } }
    }
    try await waitUntil("the receiver listens") { port != nil || outcome.withLock { $0 != nil } }
    if port == nil { _ = try await report() }
  }

  var port: Int? {
    for case .listening(_, let port, _) in told { return port }
    return nil
  }
  var told: [NaiveReceiveEvent] { events.withLock { $0 } }
  func cancel() { receiver.cancel() }

  /// Waits for its end.
  func report() async throws -> NaiveReceiveReport {
    try await waitUntil("the receiver ends") { outcome.withLock { $0 != nil } }
    return try #require(outcome.withLock { $0 }).get()
  }
}

struct TimedOut: Error, CustomStringConvertible {
  var description: String
}

/// Polls a condition; a test that waits for ever tells nothing.
func waitUntil(_ what: String, seconds: Double = 120, _ condition: () -> Bool) async throws {
  let end = Date().addingTimeInterval(seconds)
  while !condition() {
    guard Date() < end else {
      throw TimedOut(description: "gave up after \(seconds) s waiting until \(what)")
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Runs blocking work off the cooperative pool.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
  }
}

/// A way to reach this host from itself.
struct Route: Sendable, CustomTestStringConvertible {
  var mode: TransferMode
  var host: String
  var interface: String?
  var timeToLive = 1
  var testDescription: String { "\(mode.rawValue) \(host)" }

  static let all = [
    Route(mode: .unicast, host: "127.0.0.1"), Route(mode: .unicast, host: "::1"),
    Route(mode: .broadcast, host: "127.255.255.255"),
    Route(mode: .multicast, host: "239.71.71.1", interface: "127.0.0.1"),
    Route(mode: .multicast, host: "239.71.71.2", interface: "lo"),
    Route(mode: .multicast, host: "ff15::4747", interface: ipv6Interface, timeToLive: 0),
    Route(mode: .multicast, host: "ff15::4748%\(ipv6Interface)", timeToLive: 0),
    Route(mode: .tcp, host: "127.0.0.1"), Route(mode: .tcp, host: "::1"),
  ]
  static let datagrams = all.filter { $0.mode.usesDatagrams }

  /// An interface with a route for IPv6 groups: the first with an IPv6 address, as the loopback interface has
  /// none unless it was given one. With time to live 0 nothing leaves this host.
  private static let ipv6Interface: String = {
    let lines =
      (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.split(separator: "\n") ?? []
    return lines.compactMap { $0.split(separator: " ").last.map(String.init) }.first { $0 != "lo" } ?? "lo"
  }()

  func receiving(into directory: String?, port: Int = 0) -> NaiveReceiveConfiguration {
    let endpoint = NaiveEndpoint(
      mode: mode, host: host, port: port, interface: interface, timeToLive: timeToLive)
    var configuration = NaiveReceiveConfiguration(endpoint: endpoint, into: directory)
    configuration.limits.waitNanoseconds = 120_000_000_000
    configuration.limits.idleTimeoutNanoseconds = 60_000_000_000
    return configuration
  }

  /// Sending without the three seconds, and slowly enough for a receive buffer of any size.
  func sending(to port: Int) -> NaiveSendConfiguration {
    let endpoint = NaiveEndpoint(
      mode: mode, host: host, port: port, interface: interface, timeToLive: timeToLive)
    var configuration = NaiveSendConfiguration(endpoint: endpoint)
    configuration.timing.pauseNanoseconds = 2_000_000
    configuration.timing.waitNanoseconds = 50_000_000
    return configuration
  }
}

/// Sends `files` on a thread of its own.
func send(_ files: [NaiveFile], _ configuration: NaiveSendConfiguration) async throws -> NaiveSendReport {
  try await onThread { try NaiveSender(configuration).run(files) }
}
