import FileSet
import Ground
import Session
import Wire

extension ReceiverEnd {
  /// Why a set is not whole, in one line for people; nil where the session itself is no reason.
  func problem(idleSeconds: Double) -> String? {
    switch self {
    case .completed: nil
    case .aborted(.tooSlow, let text):
      """
      the sender went on without this host: \(text.isEmpty ? AbortReason.tooSlow.text : text.printable); files \
      that were verified are kept, start it again or send again for the rest
      """
    case .aborted(let reason, let text): "the sender ended it: \(text.isEmpty ? reason.text : text.printable)"
    case .senderSilent:
      """
      nothing came from the sender for \(idleSeconds.shortText) s; files that were verified are kept, send \
      again for the rest
      """
    case .senderDone:
      """
      the sender has sent all its rounds and takes no requests; files that were verified are kept, send again \
      for the rest, with more --rounds or a lower --rate
      """
    case .senderStalled: "the sender answers, but sends nothing that is missing here; send again"
    case .cancelled(_, let text): text
    }
  }

  /// Nil where the files decide.
  var outcome: TransferOutcome? {
    switch self {
    case .completed: nil
    case .aborted(.tooSlow, _): .leftBehind
    case .aborted: .refused
    case .senderSilent, .senderDone, .senderStalled: .connectionLost
    case .cancelled(let reason, _): reason == .endedByUser ? .endedByUser : .refused
    }
  }
}
