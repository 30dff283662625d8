import Accounting
import Figures
import FileSet
import FoundationEssentials
import Glibc
import Ground
import Network
import Synchronization
import Transport

/// What people read while a transfer runs: a bar on a terminal, plain lines in a pipe, nothing when quiet.
/// Goes to standard error, so that `--json` leaves standard output to machines.
final class Console: Sendable {
  private let isQuiet: Bool
  private let isTerminal: Bool
  private struct State {
    var barIsShown = false
    var lastLineAt = Date()
    var lineCount = 0
    /// The newest of each session that runs beside others.
    var latest: [String: TransferProgress] = [:]
  }
  private let state = Mutex(State())

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// One line for people.
  func say(_ text: String) {
    guard !isQuiet else { return }
    state.withLock { state in
      StandardStreams.message((state.barIsShown ? "\r\u{1B}[K" : "") + text + "\n")
      state.barIsShown = false
    }
  }

  /// An error: shown even when quiet.
  static func fail(_ text: String) {
    StandardStreams.message("gallery: \(text)\n")
  }

  /// The same for an error. Those of Foundation come with a dump of their dictionary: what, where and why is
  /// enough.
  static func fail(_ error: any Error) { fail(text(error)) }

  static func text(_ error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = error.filePath ?? error.url?.path
    let reason = ErrorReason.text(error)
    return path.map { "cannot write \($0.printable): \(reason)" } ?? reason
  }

  /// An event, as far as people read it. `label`: of a session that runs beside others.
  func tell(_ event: TransferEvent, label: String = "") {
    switch event {
    case .notice(let text): say(label.isEmpty ? text : "\(label): \(text)")
    case .began(let start): say(ReceiveSummary.beginning(start))
    case .progress(let progress): show(progress, label: label)
    case .listening, .found, .way, .joined, .lost, .unicast, .storage, .arrived, .verified, .ended: break
    }
  }

  func show(_ progress: TransferProgress, label: String = "") {
    guard !isQuiet else { return }
    state.withLock { state in
      // Of several sessions, the one that is least far.
      state.latest[label] = progress
      let slowest = state.latest.min { $0.value.fraction < $1.value.fraction }
      let (label, progress) = (slowest?.key ?? label, slowest?.value ?? progress)
      if isTerminal {
        StandardStreams.message(
          "\r\u{1B}[K" + ProgressText.bar(progress, label: label, columns: Self.terminalWidth),
          isProgress: true)
        state.barIsShown = true
        return
      }
      // In a pipe: a line each second, each ten when it takes longer; none at the end, where the summary
      // follows.
      guard Date().timeIntervalSince(state.lastLineAt) >= (state.lineCount < 10 ? 1 : 10),
        progress.fileBytesDone < progress.fileBytesTotal
      else { return }
      state.lastLineAt = Date()
      state.lineCount += 1
      StandardStreams.message(ProgressText.line(progress, label: label) + "\n", isProgress: true)
    }
  }

  private static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}

extension HumanText {
  /// What the command line named: "photos", "photos and 2 more".
  static func paths(_ paths: [String]) -> String {
    (paths.first ?? "").printable + (paths.count > 1 ? " and \(paths.count - 1) more" : "")
  }

  static func count(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
    Counted.text(number, one, many)
  }
}
