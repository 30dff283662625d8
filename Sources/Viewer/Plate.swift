import Glibc

/// What is shown in place of a picture that cannot be: which file, how large, and why.
package struct Plate: Sendable, Equatable {
  package var name: String
  /// Size of the file in bytes, nil if unknown.
  package var byteCount: UInt64?
  /// One line, such as "not a JPEG".
  package var reason: String

  package init(name: String, byteCount: UInt64? = nil, reason: String) {
    self.name = name
    self.byteCount = byteCount
    self.reason = reason
  }

  /// `absence`: the reason where there is no such file.
  package init(name: String, failure: FileBytes.Failure, absence: String) {
    self.name = name
    switch failure {
    case .missing: reason = absence
    case .notRegular: reason = "not a file"
    case .tooLarge(let count):
      byteCount = count
      reason = "too large to show (at most \(DisplayText.byteCount(FileBytes.byteLimit)))"
    case .failed(let errno): reason = "cannot be read: \(String(cString: strerror(errno)))"
    }
  }

  package init(name: String, byteCount: UInt64, failure: JPEGDecoder.Failure) {
    self.name = name
    self.byteCount = byteCount
    reason =
      switch failure {
      case .notJPEG: byteCount == 0 ? "an empty file" : "not a JPEG"
      case .truncatedHeader: "incomplete: ends before the picture begins"
      case .tooLarge(let size): "too large to show: \(size.width) × \(size.height) pixels"
      case .undecodable(let why): "cannot be decoded: \(why)"
      }
  }

  /// The plate's lines, top to bottom, for drawing.
  package var lines: [String] {
    let size = byteCount.map { [DisplayText.byteCount($0)] } ?? []
    return [DisplayText.oneLine(name, limit: 60)] + size + [DisplayText.oneLine(reason, limit: 90)]
  }
}
