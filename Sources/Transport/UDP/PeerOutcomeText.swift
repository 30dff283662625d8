import Accounting
import FileSet
import Ground
package import Session
import Wire

extension PeerOutcome {
  /// One line for people.
  var text: String {
    switch self {
    case .underWay: "not finished"
    case .whole(let count): count == 1 ? "its file verified" : "all \(count) files verified"
    case .partial(let complete):
      "\(Counted.text(complete.verifiedFileCount, "file")) verified, \(complete.failedFileCount) failed: \(complete.text.printable)"
    case .left(let reason, let text): "it ended the session: \(text.isEmpty ? reason.text : text.printable)"
    // `PeerReason` knows more.
    case .silent: "fell silent"
    case .stalled: "it answers, but no chunk arrives there any more"
    case .leftBehind(.tooSlow): "was left behind: fewer than two chunks a second arrived there"
    case .leftBehind(.farBehind(let time)):
      "was left behind: it was \(time / .seconds(1)) s behind the others; start it again, or send again without --straggler drop"
    case .leftBehind(.tooLate):
      "was left behind: chunks were still missing there long after all had been sent"
    case .leftBehind(.tooMuchSent): "was left behind: the session has sent nine times its set"
    case .leftBehind(.diskFull): "was left behind: its disk was full for an hour"
    }
  }

  var word: String {
    switch self {
    case .underWay: "underWay"
    case .whole: "whole"
    case .partial: "partial"
    case .left: "left"
    case .silent: "silent"
    case .stalled: "stalled"
    case .leftBehind: "leftBehind"
    }
  }
}

extension UDPSendReport.Receiver {
  package init(
    _ peer: SenderPeer, name: String, reason: String, remark: String? = nil, seconds: Double? = nil
  ) {
    var verified = 0
    if case .whole(let count) = peer.outcome { verified = Int(count) }
    if case .partial(let complete) = peer.outcome { verified = Int(complete.verifiedFileCount) }
    self.init(
      name: name, id: peer.receiverID.hexadecimal, outcome: peer.outcome.word,
      reason: peer.outcome.isWhole ? nil : reason, filesVerified: verified,
      remark: peer.outcome.isWhole ? remark : nil, seconds: seconds,
      rttMilliseconds: peer.rtt.hasSample ? Double(peer.rtt.smoothed) / 1e6 : nil,
      datagramsLost: peer.lostDatagrams, socketDrops: UInt64(peer.socketDrops),
      datagramsMarked: peer.marks.count,
      duplicates: peer.duplicatesReceived, nacks: peer.nacksReceived)
  }
}
