import Foundation
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
    /// The newest of each session that runs beside others.
    var latest: [String: TransferProgress] = [:]
  }
  private let state = Mutex(State())

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
  }

  /// One line for people.
  func say(_ text: String) {
    guard !isQuiet else { return }
    state.withLock { state in
      if state.barIsShown { write("\r\u{1B}[K") }
      state.barIsShown = false
      write(text + "\n")
    }
  }

  /// An error: shown even when quiet.
  static func fail(_ text: String) {
    FileHandle.standardError.write(Data("gallery: \(text)\n".utf8))
  }

  func show(_ progress: TransferProgress, label: String = "") {
    guard !isQuiet else { return }
    state.withLock { state in
      // Of several sessions, the one that is least far.
      state.latest[label] = progress
      let slowest = state.latest.min { $0.value.fraction < $1.value.fraction }
      let (label, progress) = (slowest?.key ?? label, slowest?.value ?? progress)
      if isTerminal {
        write("\r\u{1B}[K" + Self.bar(progress, label: label, width: Self.terminalWidth))
        state.barIsShown = true
        return
      }
      // In a pipe: a line each second, but none at the end, where the summary follows.
      guard Date().timeIntervalSince(state.lastLineAt) >= 1, progress.fileBytesDone < progress.fileBytesTotal
      else {
        return
      }
      state.lastLineAt = Date()
      write(Self.line(progress, label: label) + "\n")
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  static func bar(_ progress: TransferProgress, label: String, width: Int) -> String {
    let text = line(progress, label: label)
    let room = min(40, width - text.count - 4)
    guard room >= 8 else { return String(text.prefix(max(0, width - 1))) }
    let filled = Int(progress.fraction * Double(room))
    return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: room - filled) + "] "
      + text
  }

  static func line(_ progress: TransferProgress, label: String) -> String {
    var parts = [
      "\(HumanText.percent(progress.fileBytesDone, of: progress.fileBytesTotal))",
      "\(HumanText.bytes(progress.fileBytesDone)) of \(HumanText.bytes(progress.fileBytesTotal))",
    ]
    if progress.bytesPerSecond >= 1 { parts.append("\(HumanText.bytes(UInt64(progress.bytesPerSecond)))/s") }
    if let loss = progress.lossFraction { parts.append("\(HumanText.fixed(loss * 100, 1)) % lost") }
    if progress.repairCount > 0 {
      parts.append(HumanText.count(Int(clamping: progress.repairCount), "repair", "repairs"))
    }
    if let left = progress.secondsLeft, left >= 1 { parts.append("\(HumanText.duration(left)) left") }
    return (label.isEmpty ? "" : label + ": ") + parts.joined(separator: " · ")
  }
}

extension TransferProgress {
  /// In 0...1.
  var fraction: Double { fileBytesTotal == 0 ? 1 : Double(fileBytesDone) / Double(fileBytesTotal) }
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

  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
