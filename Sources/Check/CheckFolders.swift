import Checksum
import Figures
import FileSet
import FoundationEssentials
import Ground

/// The folders and files of one run.
struct CheckFolders {
  private let path: String
  /// Of the run, from 1.
  let number: Int
  var set: String { path + "/set" }
  var inbox: String { path + "/place/inbox" }
  var readyFile: String { path + "/ready" }
  var programOutput: String { path + "/program.txt" }
  var galleryOutput: String { path + "/gallery.txt" }

  /// `gallery receive` remembers files there. A run must not know of another one.
  var environment: [String: String] { ["XDG_CACHE_HOME": path + "/cache"] }

  /// Makes them, with the case's files in the set. Throws `CheckError`.
  init(_ scratch: String, _ number: Int, _ one: CheckCase) throws(CheckError) {
    self.number = number
    path = "\(scratch)/\(number)"
    do {
      try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
      for file in one.files {
        let place = "\(set)/\(file.name)"
        try FileManager.default.createDirectory(
          atPath: place.folderPart, withIntermediateDirectories: true)
        try Data(file.bytes).write(to: URL(fileURLWithPath: place))
      }
    } catch { throw .cannotWrite(path: path, reason: ErrorReason.text(error)) }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// The port in the ready file; nil before a receiver has written it.
  var readyPort: Int? {
    FileManager.default.contents(atPath: readyFile).flatMap {
      Int(String(decoding: $0, as: UTF8.self).trimmed)
    }
  }

  /// Of the manifest that a rule of this case gives another name; nil when there is no such rule.
  func identity(_ one: CheckCase) throws(CheckError) -> SetIdentity? {
    for (name, old) in Self.names(one) {
      do throws(FileSetError) {
        let scanned = try FileScanner.scan(set, options: ScanOptions(allFiles: true, recursive: true))
        var manifest = scanned.manifest.encoded()
        CheckForgery.replace(&manifest, old, name)
        return SetIdentity(of: manifest.span)
      } catch { throw .files(error) }
    }
    return nil
  }

  private static func names(_ one: CheckCase) -> [(String, insteadOf: String)] {
    let inDatagrams = one.rules.compactMap { rule in
      if case .replaced(.named(let name, let old)) = rule.treatment { (name, insteadOf: old) } else { nil }
    }
    return inDatagrams
      + one.streamRules.compactMap { rule in
        if case .replaced(.named(let name, let old)) = rule.change { (name, insteadOf: old) } else { nil }
      }
  }
}
