/// What a scan leaves out, and how people are told.
struct LeftOut {
  /// Lines about single items; the rest is counted.
  static let lineLimit = 10
  /// Endings named in one notice.
  private static let endingLimit = 4

  private(set) var errors: [FileSetError] = []
  /// Files that only --all takes.
  private var otherImages = FilesByEnding()
  private var otherFiles = FilesByEnding()
  var folders = SkippedFolders()

  private struct FilesByEnding {
    var count = 0
    var endings: Set<String> = []

    mutating func add(_ other: FilesByEnding) {
      count += other.count
      endings.formUnion(other.endings)
    }
  }

  mutating func add(_ error: FileSetError) { errors.append(error) }

  /// Counts a file that the user did not ask for. Hidden files (".DS_Store") are not counted.
  mutating func addUnasked(name: some BidirectionalCollection<UInt8>) {
    guard name.first != UInt8(ascii: ".") else { return }
    let ending = NamedKind.ending(of: name).map { "." + $0 }
    let file = FilesByEnding(count: 1, endings: ending.map { [$0] } ?? [])
    if NamedKind(name: name) == .otherImage { otherImages.add(file) } else { otherFiles.add(file) }
  }

  mutating func add(_ other: LeftOut) {
    errors += other.errors
    otherImages.add(other.otherImages)
    otherFiles.add(other.otherFiles)
    folders.add(other.folders)
  }

  /// One line each.
  func notices(_ options: ScanOptions) -> [String] {
    lines(errors.map { "left out: \($0)" }) + hints(options)
  }

  /// What an option of the caller's would have taken.
  func hints(_ options: ScanOptions) -> [String] {
    var hints: [String] = []
    if let folders = folders.notice(options) { hints.append(folders) }
    let others = [
      text(otherImages, "other image", "other images"), text(otherFiles, "other file", "other files"),
    ].compactMap(\.self)
    if !others.isEmpty {
      let isOne = otherImages.count + otherFiles.count == 1
      hints.append(
        others.joined(separator: " and ") + (isOne ? " is" : " are") + " left out; --all \(options.verb) "
          + (isOne ? "it" : "them"))
    }
    return hints
  }

  /// The files that are missing from the set against the user's wish, in one line; nil when there are none.
  var shortfall: String? {
    let missing = errors.filter(\.isOfAFile)
    guard let first = missing.first else { return nil }
    return missing.count == 1 ? "\(first)" : "\(first) (and \(missing.count - 1) more)"
  }

  private func lines(_ all: [String]) -> [String] {
    let sorted = all.sorted()
    guard sorted.count > Self.lineLimit else { return sorted }
    return sorted.prefix(Self.lineLimit) + ["left out: \(sorted.count - Self.lineLimit) more"]
  }

  private func text(_ files: FilesByEnding, _ one: String, _ many: String) -> String? {
    guard files.count > 0 else { return nil }
    let named = files.endings.sorted().prefix(Self.endingLimit).joined(separator: ", ")
    let more = files.endings.count > Self.endingLimit ? ", …" : ""
    return counted(files.count, one, many) + (named.isEmpty ? "" : " (\(named)\(more))")
  }
}

extension FileSetError {
  /// Whether the item is a regular file that should have been sent, or may be one.
  fileprivate var isOfAFile: Bool {
    switch self {
    case .notRegular, .danglingLink, .notAFolder: false
    default: true
    }
  }
}

/// "1 file", "2 files".
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
