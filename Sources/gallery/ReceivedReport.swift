import Accounting
import Figures
import Naive
import Transport

/// What `receive` and `show` say of a session, in any protocol.
protocol ReceivedReport: TransferReport {
  /// For people, at the end.
  func lines(inbox: String, isAccountShown: Bool) -> [String]
  /// The same in one line: what the window says under the pictures.
  func summary(inbox: String) -> String
}

extension UDPReceiveReport: ReceivedReport {
  func lines(inbox: String, isAccountShown: Bool) -> [String] {
    [ReceiveSummary.text(self, inbox: inbox, isAccountShown: isAccountShown)]
  }

  /// `8 of 8 files verified from 10.1.1.2 · 35.2 MB in 0.05 s · 33 lost, all repaired`, or why not.
  package func summary(inbox: String) -> String {
    var parts = [ReceiveSummary.head(filesVerified, of: fileCount, from: sender)]
    guard isWhole else {
      parts.append(problem ?? failures.first?.reason ?? "not whole")
      return parts.joined(separator: " · ")
    }
    parts.append("\(HumanText.bytes(fileByteCount)) in \(HumanText.fixed(seconds, 2)) s")
    if missing.count > 0 { parts.append("\(missing.count) lost, all repaired") }
    return parts.joined(separator: " · ")
  }

  var status: ExitStatus { failures.contains(where: \.isDamaged) ? .verification : ExitStatus(outcome) }
  var isKnownWhole: Bool? { isWhole }
  var accounts: [Account] { [accounting] }
}

extension StreamReceiveReport: ReceivedReport {
  func lines(inbox: String, isAccountShown: Bool) -> [String] {
    var lines = failures.prefix(20).map(\.reason)
    if failures.count > 20 { lines.append("… and \(failures.count - 20) more") }
    if let message { lines.append("not whole: \(message)") }
    lines.append(
      ReceiveSummary.files(verifiedFileCount, of: fileCount, inbox: inbox)
        + ": \(HumanText.bytes(receivedByteCount)) in \(HumanText.fixed(seconds, 2)) s, "
        + HumanText.rate(receivedByteCount, seconds: seconds))
    lines += ReceiveSummary.resumed(self)
    if let accounting, isAccountShown { lines.append(accounting.text) }
    return lines
  }

  func summary(inbox: String) -> String {
    let head = ReceiveSummary.head(verifiedFileCount, of: fileCount, from: sender)
    guard outcome == .whole else {
      return "\(head) · \(message ?? failures.first?.reason ?? "not whole")"
    }
    return head + " · \(HumanText.bytes(receivedByteCount)) in \(HumanText.fixed(seconds, 2)) s"
  }

  var status: ExitStatus { failures.contains(where: \.isDamaged) ? .verification : ExitStatus(outcome) }
  var isKnownWhole: Bool? { outcome == .whole }
  var accounts: [Account] { [accounting].compactMap(\.self) }
}

extension NaiveReceiveReport: ReceivedReport {
  func lines(inbox: String, isAccountShown: Bool) -> [String] {
    var lines = [summary(inbox: inbox)]
    if isAccountShown { lines.append(accounting.text) }
    if let drops = socketDropCount, drops > 0 {
      lines.append(
        "\(HumanText.count(drops, "datagram was", "datagrams were")) dropped at this socket: its buffer was full"
      )
    }
    return lines
  }

  func summary(inbox: String) -> String {
    "\(imagesText(imageCount)), \(HumanText.bytes(imageByteCount)), in \(inbox)"
  }

  var status: ExitStatus {
    switch outcome {
    case .endMarker: isKnownToLack ? .partial : .whole
    case .cancelled: .endedByUser
    case .idleTimeout, .imageLimit, .waitTimeout: .partial
    }
  }

  /// A lost image leaves no trace.
  var isKnownWhole: Bool? { nil }
  var accounts: [Account] { [accounting] }
  var unencodedAccount: Account? { accounting }
}
