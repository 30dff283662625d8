/// Files whose bytes are all here, in the order in which a receiver settles them: first those with bytes, as
/// they become complete, then the empty ones, which are complete as soon as the manifest is known.
struct WholeFiles {
  /// Files with bytes. Those before `takenArrivedCount` have been taken.
  private var arrived: [UInt32] = []
  private var takenArrivedCount = 0
  /// Of these, the ones that were not whole after all.
  private var returnedCount = 0
  private var emptyCount = 0
  private var takenEmptyCount = 0
  /// All empty files before this one have been taken.
  private var nextEmpty = 0

  /// Whether `next` has a file to give.
  var isEmpty: Bool { takenArrivedCount == arrived.count && takenEmptyCount == emptyCount }
  var takenCount: Int { takenArrivedCount - returnedCount + takenEmptyCount }

  mutating func append(_ file: Int) { arrived.append(UInt32(file)) }

  /// The file that was taken last, which has bytes, is not whole. It is appended again when it is.
  mutating func takeBack() { returnedCount += 1 }

  mutating func appendEmptyFiles(of manifest: Manifest) {
    emptyCount = manifest.entries.count { $0.byteCount == 0 }
  }

  mutating func next(_ manifest: Manifest) -> Int? {
    if takenArrivedCount < arrived.count {
      takenArrivedCount += 1
      return Int(arrived[takenArrivedCount - 1])
    }
    guard takenEmptyCount < emptyCount else { return nil }
    while manifest.entries[nextEmpty].byteCount > 0 { nextEmpty += 1 }
    takenEmptyCount += 1
    nextEmpty += 1
    return nextEmpty - 1
  }
}
