import Accounting
import Ground
import Network
import Session

/// A sender that waits for its receivers.
extension UDPSendSession {
  /// The session has not begun after a second: tells a person what the sender waits for.
  func tellWaiting() {
    guard startedAt == nil, end == nil, let joinedCount = handler?.machine.joinedCount else { return }
    guard options.mode.isGroup else {
      if joinedCount == 0 { tell(.notice("waiting for a receiver at \(path.address.text)")) }
      return
    }
    let expected = options.receiverCount.map { Counted.text($0, "receiver") } ?? "more receivers"
    tell(
      .notice(
        "waiting for \(expected) at \(path.address.text), up to \(max(1, joinSeconds - 1).shortText) s more; "
          + "\(joinedCount) joined so far"
          + (options.takeStart == nil ? "" : "; Enter starts with those that have joined")))
  }

  /// A group's sender begins with the receivers that have joined, when its user wants that.
  func startIfWanted() {
    guard startedAt == nil, options.mode.isGroup, let handler, options.takeStart?() ?? false else { return }
    let joinedCount = handler.machine.joinedCount
    guard joinedCount > 0 else { return tell(.notice("no receiver has joined yet")) }
    tell(.notice("starting with \(Counted.text(joinedCount, "receiver"))"))
    isStartedByUser = true
    handler.startNow()
  }
}
