import Figures
import Ground
import Naive

/// A session of the naive protocol as a transfer: its events and errors are those of every protocol.
struct NaiveReceiving: Transfer {
  private let receiver: NaiveReceiver
  private let configuration: NaiveReceiveConfiguration

  /// `configuration`: with --keep the numbers of all sessions' images go on, so it has this session's first.
  init(_ configuration: NaiveReceiveConfiguration) throws(NaiveError) {
    self.configuration = configuration
    receiver = try NaiveReceiver(configuration)
  }

  func cancel() { receiver.cancel() }

  func run(_ tell: @escaping @Sendable (TransferEvent) -> Void) throws(NaiveError) -> NaiveReceiveReport {
    let firstNumber = configuration.inbox.firstNumber
    let report = try receiver.run { event in
      tell(.notice("\(event)"))
      if case .listening(let address, let port, _) = event { tell(.listening(address: address, port: port)) }
      if case .image(let image) = event, let path = image.path {
        tell(
          .verified(
            FileArrival(
              index: firstNumber + image.index, name: path.lastPathPart, path: path,
              byteCount: UInt64(image.byteCount),
              fileCount: firstNumber + image.index + 1)))
      }
    }
    if report.outcome == .waitTimeout {
      throw .nobodySending(
        address: report.localAddress, nanoseconds: configuration.limits.waitNanoseconds ?? 0)
    }
    return report
  }
}
