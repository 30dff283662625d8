import Glibc

/// Shown in place of a picture that cannot be shown: which file, how large, and why.
package struct Plate: Sendable, Equatable {
  package var name: String
  /// Size of the file in bytes, nil if unknown.
  package var byteCount: UInt64?
  /// One sentence, such as "a PNG image, not a JPEG". It is drawn in as many lines as it needs.
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

  /// `bytes`: the whole file, whose kind the plate tells.
  package init(name: String, bytes: UnsafeRawBufferPointer, failure: JPEGDecoder.Failure) {
    self.name = name
    byteCount = UInt64(bytes.count)
    reason =
      switch failure {
      case .notJPEG: FileKind.name(bytes).map { $0 + (bytes.isEmpty ? "" : ", not a JPEG") } ?? "not a JPEG"
      case .truncatedHeader: "incomplete: ends before the picture begins"
      case .tooLarge(let size): "too large to show: \(size.width) × \(size.height) pixels"
      case .unsupported(let kind): "\(kind), which is not supported"
      case .undecodable(let why): "cannot be decoded: \(why)"
      }
  }
}
