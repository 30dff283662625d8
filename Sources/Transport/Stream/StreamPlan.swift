import FileSet
import Wire

/// What a receiver lacks of a set, gathered from the frames of its answer to the manifest; the sender sends
/// nothing else. Takes 16 bytes a run, so at most 16 bytes for each file of the sender's own manifest.
struct StreamPlan {
  /// The last frame of the answer is here.
  private(set) var isComplete = false
  /// Files that the receiver lacks, wholly or in part.
  private(set) var fileCount = 0
  /// Their bytes that it lacks.
  private(set) var byteCount: UInt64 = 0

  private var runs: [StreamRun] = []
  /// The index behind the files of all runs.
  private var end: UInt64 = 0
  /// The run of the next file, and the number of this file in it.
  private var position = 0
  private var fileInRun = 0

  /// Takes the next frame of the answer. False when it does not fit the manifest, or an earlier frame.
  mutating func add(_ rest: StreamRest, _ entries: [ManifestEntry]) -> Bool {
    guard !isComplete else { return false }
    isComplete = rest.isLast
    for run in rest.runs {
      guard UInt64(run.file) >= end, run.end <= UInt64(entries.count),
        run.offset <= entries[Int(run.file)].byteCount
      else { return false }
      end = run.end
      runs.append(run)
      fileCount += Int(run.count)
      // The manifest's files have fewer than 2^63 bytes together.
      byteCount += entries[Int(run.file)..<Int(run.end)].reduce(0) { $0 + $1.byteCount } - run.offset
    }
    return true
  }

  /// The next file that the receiver lacks, and where its lacking bytes begin; nil behind the last one.
  mutating func next() -> (file: Int, offset: UInt64)? {
    guard position < runs.count else { return nil }
    let run = runs[position]
    let file = (Int(run.file) + fileInRun, fileInRun == 0 ? run.offset : 0)
    fileInRun += 1
    if fileInRun == Int(run.count) { (position, fileInRun) = (position + 1, 0) }
    return file
  }
}

extension [StreamRun] {
  /// Adds a file behind the others. Neighbours that are lacking from their first byte on share a run.
  mutating func append(file: Int, offset: UInt64) {
    if offset == 0, let last, last.end == UInt64(file) {
      self[count - 1].count += 1
    } else {
      append(StreamRun(file: UInt32(file), count: 1, offset: offset))
    }
  }
}
