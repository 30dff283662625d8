import Accounting
import FileSet
import Glibc
import Keys
import Network
import Trace
import Wire

extension TransportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .nobodyListening(let address, let seconds):
      "nobody is listening at \(address) (tried for \(seconds.shortText) s); start the receiver there, or check "
        + "address, port and firewall"
    case .nobodyFound(_, let busyCount, let seconds) where busyCount > 0:
      """
      \(Counted.text(busyCount, "receiver")) found within \(seconds.shortText) s, busy with another \
      session; try again when that is over
      """
    case .nobodyFound(let room, _, let seconds):
      """
      no receiver found on this link within \(seconds.shortText) s: start gallery receive \
      \(room.map { "--room \($0.printable) " } ?? "")there, or name its address, as in --to 10.1.1.34
      """
    case .nobodyHasKey(let address, let seconds):
      """
      nobody with this code or key is listening at \(address) (tried for \(seconds.shortText) s); start \
      the receiver with it, or check address, port and firewall
      """
    case .otherSecret(let address, let seconds):
      """
      no sender with this code or key came to \(address) within \(seconds.shortText) s, but one with \
      another: compare the codes
      """
    case .needsKey(let address, let seconds):
      """
      no sender without a code came to \(address) within \(seconds.shortText) s, but one with a code: \
      receive with --code or --key
      """
    case .nobodyTrusted(let address, let seconds):
      """
      no sender with a trusted signature came to \(address) within \(seconds.shortText) s, but another: \
      compare the fingerprints
      """
    case .keyMismatch(let peer, let text): "\(peer) \(text)"
    case .key(let error): error.description
    case .nobodySending(let address, let seconds):
      "no sender came to \(address) within \(seconds.shortText) s; check its --to, --port and --mode"
    case .portInUse(let address):
      "\(address) is in use by another program; end that one, or choose another --port"
    case .hostUnknown(let host, let reason):
      "no address for host \(host.printable) (\(reason)); check the spelling, or give the address itself"
    case .wrongKind(let address, let isGroup, let mode):
      isGroup
        ? "\(address) reaches several hosts: choose --mode broadcast or --mode multicast, or the address of one host"
        : "\(address) is one host's address, and --mode \(mode) needs one that reaches several"
    case .pathTooNarrow(let address, let byteCount, let carried, let isFixed):
      "the path to \(address) does not carry packets of \(byteCount) bytes\(Self.advice(byteCount, carried, isFixed))"
    case .network(let error): error.description
    case .connectionLost(let peer, let reason):
      "lost \(peer): \(reason.printable); files that were verified are kept, send again for the rest"
    case .peerRefused(let reason, let text):
      "the other side ended it: \(text.isEmpty ? reason.text : text.printable)"
    case .protocolViolation(let peer, let text):
      "\(peer) broke the protocol: \(text.printable)"
    case .fileSet(let error): error.description
    case .trace(let error): error.description
    case .receiverBusy(let address):
      "\(address) is busy with another session; try again when that is over"
    case .allDropped(let count, let isOutgoing, _):
      """
      \(Counted.text(count, "datagram")) \(isOutgoing ? "went out" : "came in"), and this side dropped \
      all on purpose: lower its --drop or --impair
      """
    case .diskStayedFull(let peer):
      "\(peer) was left behind: its disk was full for an hour; free space there, and send again"
    case .busy: "this receiver is busy with another session; try again when that is over"
    case .cancelled: "ended by the user"
    case .versionMismatch(let theirs):
      "the other side speaks protocol version \(theirs), this program version \(DatagramHeader.version); "
        + "use the same release on both sides"
    case .system(let code, let doing): "\(doing): \(String(errnoCode: code))\(Self.advice(code))"
    }
  }

  /// What to do about a path that is too narrow.
  private static func advice(_ byteCount: Int, _ carried: Int?, _ isFixed: Bool) -> String {
    if let carried {
      return ", but of \(carried): send again, with --mtu \(carried)"
        + (isFixed ? ", or without --mtu" : " to fix the size")
    }
    return isFixed
      ? ": leave out --mtu to have the size found, or give a smaller one"
      : ": give a smaller size, as in --mtu \(byteCount / 2)"
  }

  /// What to do about the system errors that people meet; errno(3).
  private static func advice(_ code: Int32) -> String {
    switch code {
    case EADDRNOTAVAIL:
      "; no interface here has this address (see: ip address), leave it out to use all of them"
    case EACCES, EPERM:
      "; ports below 1024 and broadcasts may need more rights: choose another --port, or ask an administrator"
    case EMFILE, ENFILE: "; too many files are open: raise the limit (ulimit -n)"
    case ENETUNREACH, EHOSTUNREACH: "; check the address and the route to it (ip route get ADDRESS)"
    default: ""
    }
  }
}

extension AbortReason {
  /// The reason in words, for an abort without a text.
  package var text: String {
    switch self {
    case .unspecified, .unknown: "no reason given"
    case .endedByUser: "ended by the user"
    case .versionMismatch: "it speaks another version; use the same release on both sides"
    case .fileChanged: "a file changed while it was sent"
    case .cannotRead: "a file cannot be read"
    case .cannotStore: "a file cannot be stored"
    case .tooSlow: "too slow for the others"
    case .refused: "refused"
    case .limitExceeded: "a limit was exceeded"
    case .internal: "a fault of the program"
    case .timeout: "it heard nothing for too long"
    case .needsUnicast: "the group's announces arrive there, its chunks do not"
    }
  }
}
