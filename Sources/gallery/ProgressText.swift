import Figures
import Ground

/// How far a transfer is, as people read it: a line of its own, or a bar that fits its terminal.
enum ProgressText {
  /// A part of the line; on a narrow terminal those of the highest rank go first.
  private struct Part { var rank: Int, text: String }

  /// All there is to say. `label` names one session of several.
  static func line(_ progress: TransferProgress, label: String) -> String {
    joined(parts(progress, label: label))
  }

  /// A bar and as much of the line as `columns` have room for. The bar's width does not depend on the text,
  /// so that it does not twitch; the last column stays free, where some terminals wrap.
  static func bar(_ progress: TransferProgress, label: String, columns: Int) -> String {
    let width = min(30, max(8, columns / 4))
    let filled = Int(progress.fraction * Double(width))
    let bar = ProgressBar.text(filled: filled, width: width) + " "
    var parts = parts(progress, label: label)
    while parts.count > 1, bar.count + joined(parts).count >= columns,
      let last = parts.indices.max(by: { parts[$0].rank < parts[$1].rank })
    {
      parts.remove(at: last)
    }
    let text = joined(parts)
    guard bar.count + text.count < columns else { return String(text.prefix(max(0, columns - 1))) }
    return bar + text
  }

  private static func joined(_ parts: [Part]) -> String { parts.map(\.text).joined(separator: " · ") }

  private static func parts(_ progress: TransferProgress, label: String) -> [Part] {
    let done = progress.fileBytesDone
    let total = progress.fileBytesTotal
    var parts = label.isEmpty ? [] : [Part(rank: 3, text: label)]
    parts.append(Part(rank: 0, text: HumanText.percent(done, of: total)))
    if progress.fullDiskCount > 0 {
      let count = progress.fullDiskCount
      parts.append(Part(rank: 1, text: count == 1 ? "disk full" : "\(count) disks full"))
    }
    parts.append(Part(rank: 4, text: "\(HumanText.bytes(done)) of \(HumanText.bytes(total))"))
    if progress.bytesPerSecond >= 1 {
      parts.append(Part(rank: 2, text: "\(HumanText.bytes(UInt64(progress.bytesPerSecond)))/s"))
    }
    if let loss = progress.lossFraction {
      parts.append(Part(rank: 5, text: "\(HumanText.fixed(loss * 100, 1)) % lost"))
    }
    if progress.repairCount > 0 {
      let count = Int(clamping: progress.repairCount)
      parts.append(Part(rank: 6, text: HumanText.count(count, "repair", "repairs")))
    }
    if let left = progress.secondsLeft, left >= 1 {
      parts.append(Part(rank: 1, text: "\(HumanText.duration(left)) left"))
    }
    return parts
  }
}

extension TransferProgress {
  /// In 0...1.
  var fraction: Double { fileBytesTotal == 0 ? 1 : Double(fileBytesDone) / Double(fileBytesTotal) }
}
