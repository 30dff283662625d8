import Accounting
import Figures
import FileSet
import Naive
import Transport

/// What `send` says of a session, in any protocol.
protocol SentReport: TransferReport {
  /// For people, at the end.
  func lines(isAccountShown: Bool) -> [String]
}

extension UDPSendReport: SentReport {
  func lines(isAccountShown: Bool) -> [String] {
    var lines = receivers.map { receiver in
      var line =
        "\(receiver.name): "
        + (receiver.reason ?? ReceiveSummary.verified(receiver.filesVerified, of: fileCount))
        + (receiver.remark.map { "; \($0)" } ?? "")
      if let why = receiver.byUnicast { line += "; served by unicast: \(why)" }
      if receiver.datagramsLost > 0 {
        line += "; \(HumanText.count(receiver.datagramsLost, "datagram", "datagrams")) lost on the way"
        if receiver.socketDrops > 0 {
          line += ", \(receiver.socketDrops) at its own socket (its buffer was full)"
        }
      }
      if let marks = MarksText.line(receiver.datagramsMarked) { line += "; " + marks }
      return line
    }
    if let problem { lines.append("not whole: \(problem)") }
    lines += unicastSessions.map {
      "by unicast to \($0.destination): \(HumanText.count($0.datagramsSent, "datagram", "datagrams")) in \(HumanText.fixed($0.transferSeconds, 2)) s"
    }
    let isSent = outcome == .whole
    lines.append(
      (isSent ? "" : "tried to send ")
        + "\(HumanText.bytes(fileByteCount)) in \(HumanText.fixed(transferSeconds, 2)) s"
        + (isSent && roundCount == nil && chunksLeftOut == 0
          ? ", \(HumanText.rate(fileByteCount, seconds: transferSeconds)); " : "; ")
        + HumanText.count(datagramsSent, "datagram", "datagrams")
        + " in packets of up to \(HumanText.count(packetByteCount, "byte", "bytes"))"
        + (isPathProbed ? " (probed)" : ""))
    if let roundCount {
      lines.append(OneWayText.end(roundCount: roundCount))
    } else if parityDatagrams > 0 {
      lines.append(
        "repaired by \(HumanText.count(parityDatagrams, "parity symbol", "parity symbols")) and \(HumanText.count(repairDatagrams, "chunk", "chunks"))"
      )
    }
    if chunksLeftOut > 0 {
      lines.append(
        "\(HumanText.grouped(chunksLeftOut)) of \(HumanText.grouped(chunkCount, "chunk")) were not sent, because they were there already"
      )
    }
    if let refused { lines.append(refused.text) }
    if isAccountShown { lines += accounts.map(\.text) }
    return lines
  }

  var status: ExitStatus { ExitStatus(outcome) }
  var isKnownWhole: Bool? { isWhole }
  var accounts: [Account] { [accounting] + unicastSessions.map(\.accounting) }
}

extension StreamSendReport: SentReport {
  func lines(isAccountShown: Bool) -> [String] {
    var lines: [String] = []
    for receiver in receivers {
      lines.append(Self.line(receiver))
      if let account = receiver.accounting, isAccountShown { lines.append(account.text) }
    }
    if isWhole {
      let time = "\(HumanText.bytes(fileByteCount)) in \(HumanText.fixed(seconds, 2)) s"
      // Bytes that were there already took none of this time.
      let isAllSent = receivers.allSatisfy { $0.fileBytesLeftOut == 0 }
      lines.append(time + (isAllSent ? ", " + HumanText.rate(fileByteCount, seconds: seconds) : ""))
    }
    return lines
  }

  private static func line(_ result: StreamSendResult) -> String {
    let name = result.receiverName.map { "\($0.printable) (\(result.destination))" } ?? result.destination
    let count = result.verifiedFileCount
    guard result.outcome != .whole else {
      return "\(name): \(ReceiveSummary.verified(count, of: count))" + (result.remark.map { "; \($0)" } ?? "")
    }
    // A receiver that is lost has told of none, whatever it has.
    return "\(name): \(result.message ?? result.outcome.rawValue)"
      + (count > 0 ? "; \(HumanText.count(count, "file", "files")) verified there" : "")
  }

  var status: ExitStatus {
    let bad = receivers.filter { $0.outcome != .whole }
    guard let first = bad.first else { return .whole }
    // The receiver could not store: no file of this host is at fault.
    if first.outcome == .couldNotStore { return .partial }
    return bad.count == receivers.count ? ExitStatus(first.outcome) : .partial
  }

  var isKnownWhole: Bool? { isWhole }
  var accounts: [Account] { receivers.compactMap(\.accounting) }
}

extension NaiveSendReport: SentReport {
  func lines(isAccountShown: Bool) -> [String] {
    let line =
      "\(imagesText(imageCount)), \(HumanText.bytes(imageByteCount)) sent; the receiver does not answer in this protocol, so nobody knows what arrived"
    return isAccountShown ? [line, accounting.text] : [line]
  }

  var status: ExitStatus { isCancelled ? .endedByUser : .whole }
  /// Nobody answers.
  var isKnownWhole: Bool? { nil }
  var accounts: [Account] { [accounting] }
  var unencodedAccount: Account? { accounting }
}
