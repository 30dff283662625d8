import Accounting
import ArgumentParser
import Capture
import Check
import Figures
import FileSet
import FoundationEssentials
import Keys
import Study
import Naive
import Relay
import Runs
import Trace
import Transport
import Viewer

/// How the program ends: documented in `gallery --help` and README.
enum ExitStatus: Int32 {
  case whole = 0
  case files = 2
  case partial = 3
  case verification = 4
  case nobodyListening = 5
  case network = 6
  case noDisplay = 7
  case unbalanced = 8
  case otherSecret = 9
  case usage = 64
  case endedByUser = 130

  var exitCode: ExitCode { ExitCode(rawValue) }

  /// The status of a run with this account: one that does not balance has failed, whatever else went well.
  /// Says what is off.
  func balancing(_ accounts: [Account]) -> ExitStatus {
    let imbalances = accounts.flatMap(\.imbalances)
    for line in imbalances {
      Console.fail(
        "\(line.printable); this is a fault of gallery: keep the --json report and tell its authors")
    }
    return imbalances.isEmpty || self != .whole ? self : .unbalanced
  }

  /// What an error means to the caller of the program.
  init(_ error: any Error) {
    switch error {
    case let error as TransportError: self.init(error)
    case let error as FileSetError: self = if case .checksumMismatch = error { .verification } else { .files }
    case let error as NaiveError: self.init(error)
    case KeyError.wordCount, KeyError.unknownWord: self = .usage
    case is KeyError: self = .files
    case is CaptureError, is ReadyFileError: self = .files
    case RelayError.trace, CheckError.cannotWrite: self = .files
    case CheckError.cancelled: self = .endedByUser
    case let error as ViewerError: self = if case .noDisplay = error { .noDisplay } else { .files }
    case RunError.unbalanced: self = .unbalanced
    case is FigureError, is TraceError: self = .files
    case StudyError.file, StudyError.badResults, StudyError.differentStudies: self = .files
    case is CocoaError: self = .files  // a folder of --into that cannot be made
    default: self = .network
    }
  }

  private init(_ error: TransportError) {
    switch error {
    case .nobodyListening, .nobodyHasKey, .nobodyFound, .allDropped(_, _, true): self = .nobodyListening
    case .otherSecret, .needsKey, .keyMismatch, .nobodyTrusted: self = .otherSecret
    case .fileSet(let inner): self = if case .checksumMismatch = inner { .verification } else { .files }
    case .trace, .key: self = .files
    case .wrongKind: self = .usage
    case .cancelled: self = .endedByUser
    case .peerRefused, .receiverBusy, .connectionLost: self = .partial
    default: self = .network
    }
  }

  private init(_ error: NaiveError) {
    switch error {
    case .unsendable, .noImages, .cannotRead, .changedWhileSent, .cannotStore, .inboxOccupied: self = .files
    default: self = .network
    }
  }
}

extension ExitStatus {
  init(_ outcome: TransferOutcome) {
    switch outcome {
    case .whole: self = .whole
    case .couldNotStore, .failed: self = .files
    case .endedByUser: self = .endedByUser
    case .unreachable: self = .nobodyListening
    case .someFilesFailed, .connectionLost, .refused, .leftBehind: self = .partial
    case .protocolViolation, .versionMismatch: self = .network
    }
  }
}
