import ArgumentParser
import Impairment
import Transport

/// `--drop`, `--impair` and `--seed`.
struct ImpairOptions: ParsableArguments {
  static let defaultSeed: UInt64 = 1

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "UDP only: drop this part of the datagrams, at random, each way; 'out: 5%' or 'in: 5%' for one. Naive: of the packets of 1,500 bytes that carry a datagram.",
      valueName: "5%"))
  var drop: [String] = []
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "UDP only: impair datagrams: loss, bursts, delay, duplicates, corruption, truncation, a list such as 'drop the first NACK', a preset such as wifi; joined by ';'. 'out: …' and 'in: …' for one direction; `gallery impairments` lists all.",
      valueName: "text"))
  var impair: [String] = []
  @Option(
    help: "Seed of --drop and --impair: the same seed, the same fate for the same datagrams; without it 1.")
  var seed: UInt64?

  /// Throws for a seed of nothing.
  func checkSeed() throws {
    if seed != nil, drop.isEmpty, impair.isEmpty {
      throw ValidationError("--seed is for --drop and --impair: leave it out, or add one of them")
    }
  }

  /// Throws for a text about this direction, in which no datagram goes.
  func refuse(_ way: ImpairmentScope.Way, _ advice: String) throws {
    for text in texts where ImpairmentScope.split(text).scope.way == way {
      throw ValidationError("'\(text)' does nothing here, as \(advice)")
    }
  }

  /// Below TCP this program cannot reach the packets.
  var partialOptions: [PartialOption] {
    [
      PartialOption("--seed", seed != nil, .udpOnly), PartialOption("--drop", !drop.isEmpty, .udpOnly),
      PartialOption("--impair", !impair.isEmpty, .udpOnly),
    ]
  }

  /// What each text of --drop and --impair is about.
  var texts: [String] { drop + impair }

  /// One of several receivers, by its place from 0.
  struct Receiver {
    var index: Int
    /// All receivers' names, as they were given.
    var hosts: [String]
  }

  /// What this side does to its own datagrams and to those that come in. `receiver`: the one they go to, for
  /// a sender that has a session with each.
  func impairments(receiver: Receiver? = nil) throws -> UDPImpairments {
    var result = UDPImpairments()
    result.seed = seed ?? Self.defaultSeed
    result.receiver = UInt64(receiver?.index ?? 0)
    var outgoing: [String] = []
    var incoming: [String] = []
    for text in texts {
      let (scope, rest) = ImpairmentScope.split(text, hosts: receiver?.hosts ?? [])
      if let name = scope.receiver {
        guard let receiver else {
          throw ValidationError(
            "'\(name)' in '\(text)': only a sender to several --to has receivers to choose from")
        }
        guard receiver.hosts.indices.contains(where: { scope.covers(receiver: $0, host: receiver.hosts[$0]) })
        else { throw ValidationError("'\(text)': there is no receiver \(name)") }
        guard scope.covers(receiver: receiver.index, host: receiver.hosts[receiver.index]) else { continue }
      }
      if scope.way != .in { outgoing.append(rest) }
      if scope.way != .out { incoming.append(rest) }
    }
    do {
      result.outgoing = try Impairment(parsing: outgoing)
      result.incoming = try Impairment(parsing: incoming)
    } catch { throw ValidationError("\(error)") }
    return result
  }
}
