import Accounting
import Datagrams
import Network
import Session

/// What a sender knows of a receiver that did not get everything, for a line that says why. Facts first: what
/// this side dropped on purpose, what its kernel refused, where the answers come from. A guess is named as
/// one.
struct PeerReason {
  /// `outgoing`: datagrams sent, and how many of them --drop or --impair dropped. `incoming`: the same for
  /// datagrams received.
  var outgoing: (count: UInt64, droppedCount: UInt64)
  var incoming: (count: UInt64, droppedCount: UInt64)
  var refusals: DatagramWriter.Refusals
  /// Where the datagrams go, and another address that a report of this session came from.
  var destination: String
  var strangeSource: String?
  /// The size of packet that the path carries, when this host knows it to be less than is sent. Asks the
  /// kernel.
  var carriedByteCount: () -> Int?

  func text(_ outcome: PeerOutcome) -> String {
    switch outcome {
    case .stalled:
      return dropped(outgoing, "went out")
        ?? refused
        ?? moved
        ?? carriedByteCount().map {
          "it answers, but the path there carries packets of only \($0) bytes now: send again"
        }
        ?? "it answers, but no chunk arrives there any more; perhaps a firewall or a narrower path stops large packets: send again with --mtu 1280"
    case .silent:
      return dropped(incoming, "came in")
        ?? dropped(outgoing, "went out")
        ?? refused
        ?? moved
        ?? "fell silent: it was killed or unplugged, or nothing comes back from there; start it and send again"
    case .leftBehind: return dropped(outgoing, "went out") ?? refused ?? outcome.text
    default: return outcome.text
    }
  }

  /// When it was at least every second one.
  private func dropped(_ way: (count: UInt64, droppedCount: UInt64), _ verb: String) -> String? {
    guard way.droppedCount > 0, way.droppedCount >= way.count / 2 else { return nil }
    return
      "this side dropped \(way.droppedCount) of the \(Counted.text(way.count, "datagram")) that \(verb) on purpose: lower its --drop or --impair"
  }

  private var refused: String? {
    guard refusals.count > 0 else { return nil }
    return
      "this host refused to send \(Counted.text(refusals.count, "datagram")) (\(String(errnoCode: refusals.errno))): look at its firewall and its routes"
  }

  private var moved: String? {
    strangeSource.map {
      "it answers from \($0) now, and not from \(destination): it has moved; send to its new address"
    }
  }
}
