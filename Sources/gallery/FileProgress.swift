import FileSet
import Ground
import Session
package import Transport
package import Viewer

/// How much of each file of a session is here, from samples of it.
package struct FileProgress: Sendable {
  /// Files that one sample looks at, at most, so that a set of 100,000 files delays no session.
  private static let fileLimit = 4_096

  /// The time between two samples is then a fifth of the file's, or less.
  private static let travelSamples = 5

  /// 0 before the first sample.
  package private(set) var fileCount = 0
  /// Files that were not whole in the last sample, ascending.
  private var open: [Int] = []
  /// When the first chunk of a file was seen, and when the last.
  private var times: [Int: (first: Instant, last: Instant, sampleCount: Int)] = [:]
  private var former = Instant.zero

  package init() {}

  /// The parts of the files that have some of their chunks.
  package mutating func take(_ sample: ReceptionSample) -> [Int: ImagePart] {
    if fileCount == 0 {
      fileCount = sample.manifest.entries.count
      open = Array(0..<fileCount)
      former = sample.now
    }
    var parts: [Int: ImagePart] = [:]
    var whole: Set<Int> = []
    for file in open.prefix(Self.fileLimit) {
      let chunks = sample.layout.chunks(ofFile: file)
      let heldCount = sample.held.count(in: chunks)
      guard heldCount > 0 else { continue }
      let seen = times[file]
      times[file] = (seen?.first ?? former, sample.now, (seen?.sampleCount ?? 0) + 1)
      guard heldCount < UInt64(chunks.count) else {
        whole.insert(file)
        continue
      }
      let gap = sample.held.firstMissing(from: chunks.lowerBound, limit: chunks.upperBound)
      let leading = (gap?.lowerBound ?? chunks.lowerBound) - chunks.lowerBound
      parts[file] = ImagePart(
        fraction: Double(heldCount) / Double(chunks.count),
        leadingByteCount: min(
          leading * UInt64(sample.layout.chunkByteCount), sample.layout.fileByteCounts[file]))
    }
    if !whole.isEmpty { open.removeAll(where: whole.contains) }
    former = sample.now
    return parts
  }

  /// How long the file was on its way, and its rate. Nil for a file that came within a few samples, whose
  /// time is not known well.
  package func travel(ofFile file: Int, byteCount: UInt64) -> String? {
    guard let (first, last, sampleCount) = times[file], last > first, sampleCount >= Self.travelSamples else {
      return nil
    }
    let seconds = Double(last - first) / 1e9
    let rate = DisplayText.byteCount(UInt64(Double(byteCount) / seconds))
    let tenths = Int((seconds * 10).rounded())
    return "in \(tenths / 10).\(tenths % 10) s, \(rate)/s"
  }
}
