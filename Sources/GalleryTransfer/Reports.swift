import FileSet
import Keys
import Transport

extension SendReport {
  init(_ report: UDPSendReport) {
    self.init(
      fileCount: report.fileCount, byteCount: report.fileByteCount, seconds: report.transferSeconds,
      receivers: report.receivers.map {
        Receiver(
          name: $0.name.printable, verifiedFileCount: $0.filesVerified,
          failure: $0.outcome == "whole" ? nil : $0.reason ?? $0.outcome)
      })
  }

  init(_ report: StreamSendReport) {
    self.init(
      fileCount: report.fileCount, byteCount: report.fileByteCount, seconds: report.seconds,
      receivers: report.receivers.map(Receiver.init))
  }
}

extension SendReport.Receiver {
  init(_ result: StreamSendResult) {
    let address = result.destination.printable
    self.init(
      name: result.receiverName.map { "\($0.printable) (\(address))" } ?? address,
      verifiedFileCount: result.verifiedFileCount,
      failure: result.outcome == .whole ? nil : result.message ?? result.outcome.rawValue)
  }
}

extension ReceiveReport {
  init(_ report: UDPReceiveReport) {
    self.init(
      sender: report.sender, fileCount: report.fileCount, byteCount: report.fileByteCount,
      verifiedFileCount: report.filesVerified, failures: report.failures.map(Failure.init),
      wrongSegmentCount: report.segmentsWrong ?? 0, seconds: report.seconds,
      problem: report.isWhole ? nil : report.problem ?? "not every file is here")
  }

  init(_ report: StreamReceiveReport) {
    self.init(
      sender: report.sender, fileCount: report.fileCount, byteCount: report.fileByteCount,
      verifiedFileCount: report.verifiedFileCount, failures: report.failures.map(Failure.init),
      wrongSegmentCount: 0, seconds: report.seconds,
      problem: report.outcome == .whole ? nil : report.message ?? "not every file is here")
  }

  init(_ report: EitherReceiver.Report) {
    switch report {
    case .udp(let report): self.init(report)
    case .stream(let report): self.init(report)
    }
  }
}

extension ReceiveReport.Failure {
  init(_ file: FailedFile) { self.init(name: file.name, reason: file.reason) }
}

extension TransferFailure {
  init(_ error: any Error) {
    if let failure = error as? TransferFailure {
      self = failure
    } else {
      self.init(kind: Self.kind(error), description: "\(error)")
    }
  }

  static func badPort(_ port: Int) -> TransferFailure {
    TransferFailure(kind: .badRequest, description: "a port is a number from 1 to 65535, not \(port)")
  }

  static var noSignatures: TransferFailure {
    TransferFailure(kind: .badRequest, description: "TCP has no signatures: send and receive over UDP")
  }

  private static func kind(_ error: any Error) -> Kind {
    switch error {
    case is FileSetError: .files
    case is KeyError: .badRequest
    case let error as TransportError: kind(error)
    default: .network
    }
  }

  private static func kind(_ error: TransportError) -> Kind {
    switch error {
    case .nobodyListening, .nobodyFound, .nobodyHasKey, .nobodySending, .nobodyTrusted, .allDropped:
      .nobodyThere
    case .otherSecret, .needsKey, .keyMismatch: .otherCode
    case .fileSet, .trace: .files
    case .wrongKind, .key: .badRequest
    case .connectionLost, .peerRefused, .receiverBusy, .busy, .cancelled: .interrupted
    case .diskStayedFull: .interrupted
    case .portInUse, .hostUnknown, .pathTooNarrow, .network, .protocolViolation, .versionMismatch, .system:
      .network
    }
  }
}
