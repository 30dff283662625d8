package import FileSet
import FoundationEssentials
import Ground
import Trace

/// The files of a chunked receiver before any repair, from the receiver's own trace of a real run. Each file
/// has zeros in the place of the chunks that were lost when they were sent for the first time. A sender that
/// is killed after the first pass leaves such files.
package enum FirstPass {
  /// Writes the files into `folder`, under their own names; a file of which nothing arrived is left out.
  /// Returns, by name, how many chunks of each file were lost.
  package static func write(
    of set: ScannedSet, tracePath: String, into folder: String
  ) throws -> [String: Int] {
    var arrived: Set<UInt64> = []
    var chunkByteCount: UInt64 = 0
    try TraceReader(path: tracePath).forEach { record in
      let data = record.data
      if let count = data.chunkByteCount { chunkByteCount = count }
      guard record.event == .datagramReceived, data.type == "data", data.isRepair != true,
        let chunk = data.chunk
      else { return }
      arrived.insert(chunk)
    }
    guard chunkByteCount > 0 else {
      throw TraceError.cannotRead(path: tracePath, reason: "the session in it never began")
    }
    let source = try SetSource(set, chunkByteCount: Int(chunkByteCount))
    var lostCounts: [String: Int] = [:]
    for (index, entry) in set.manifest.entries.enumerated() {
      let chunks = source.layout.chunks(ofFile: index)
      lostCounts[entry.name] = chunks.count { !arrived.contains($0) }
      guard chunks.contains(where: { arrived.contains($0) }),
        var bytes = FileManager.default.contents(atPath: set.path(ofFile: index))
      else { continue }
      for chunk in chunks where !arrived.contains(chunk) {
        let start = min(Int((chunk - chunks.lowerBound) * chunkByteCount), bytes.count)
        let end = min(start + Int(chunkByteCount), bytes.count)
        bytes.replaceSubrange(start..<end, with: Data(count: end - start))
      }
      let path = "\(folder)/\(entry.name)"
      try FileManager.default.createDirectory(
        atPath: path.folderPart, withIntermediateDirectories: true)
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    return lostCounts
  }
}
