import Accounting
import FileSet
import Foundation
import Network
import Synchronization
import Transport

/// What people read while a transfer runs: a bar on a terminal, plain lines in a pipe, nothing when quiet. Goes to
/// standard error, so that `--json` leaves standard output to machines.
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

  /// The same for an error. Those of Foundation come with a dump of their dictionary: what, where and why is enough.
  static func fail(_ error: any Error) { fail(text(error)) }

  static func text(_ error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = error.filePath ?? error.url?.path
    let reason = (error.underlying as? POSIXError).map { String(errnoCode: $0.code.rawValue) }
    let words =
      reason
      ?? (error.code == .fileWriteFileExists ? "there is a file of this name" : error.localizedDescription)
    return path.map { "cannot write \($0.printable): \(words)" } ?? words
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
      // In a pipe: a line each second, each ten when it takes longer; none at the end, where the summary follows.
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

/// Numbers as people read them.
enum HumanText {
  static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  static func bytes(_ count: UInt64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1_000
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)) \(units[unit])"
  }

  static func rate(_ byteCount: UInt64, seconds: Double) -> String {
    guard seconds > 0 else { return "–" }
    let bits = Double(byteCount) * 8 / seconds
    return bits >= 1e9
      ? "\(fixed(bits / 1e9, 2)) Gb/s"
      : bits >= 1e6 ? "\(fixed(bits / 1e6, 1)) Mb/s" : "\(fixed(bits / 1e3, 0)) kb/s"
  }

  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    whole == 0 ? "100 %" : "\(part * 100 / whole) %"
  }

  static func duration(_ seconds: Double) -> String {
    let total = Int(seconds.rounded())
    if total < 60 { return "\(total) s" }
    if total < 3_600 { return "\(total / 60) min \(total % 60) s" }
    return "\(total / 3_600) h \(total % 3_600 / 60) min"
  }

  /// What the command line named: "photos", "photos and 2 more".
  static func paths(_ paths: [String]) -> String {
    (paths.first ?? "").printable + (paths.count > 1 ? " and \(paths.count - 1) more" : "")
  }

  static func count(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
    Counted.text(number, one, many)
  }
}
