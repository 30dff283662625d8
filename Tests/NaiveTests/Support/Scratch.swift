import Foundation
import Naive
import Testing

/// A directory of a test's own, gone when the test is.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "naive-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes these images as files to send.
  func files(_ images: [(name: String, bytes: [UInt8])]) throws -> [NaiveFile] {
    try FileManager.default.createDirectory(atPath: path + "/out", withIntermediateDirectories: true)
    return try images.map { image in
      let file = NaiveFile(path: "\(path)/out/\(image.name)", name: image.name)
      try Data(image.bytes).write(to: URL(fileURLWithPath: file.path))
      return file
    }
  }

  /// The inbox's files by name.
  func inbox() throws -> [String: [UInt8]] { try Self.contents(of: path + "/in") }

  /// The files of a directory by name; empty when it is not there.
  static func contents(of directory: String) throws -> [String: [UInt8]] {
    guard FileManager.default.fileExists(atPath: directory) else { return [:] }
    var contents: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      contents[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)")))
    }
    return contents
  }
}

/// Bytes that start as a JPEG file does and go on at random, the same for the same seed.
func imageBytes(seed: UInt64, byteCount: Int) -> [UInt8] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  var bytes: [UInt8] = [0xFF, 0xD8, 0xFF]
  while bytes.count < byteCount {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    bytes.append(UInt8(truncatingIfNeeded: state))
  }
  return Array(bytes.prefix(byteCount))
}

/// `count` images of about 45 kB, as in the course.
func smallImages(_ count: Int) -> [(name: String, bytes: [UInt8])] {
  (0..<count).map {
    (String(format: "picture-%03d.jpg", $0), imageBytes(seed: UInt64($0 + 1), byteCount: 45_000 + $0))
  }
}

/// The name the receiver gives to the image at this position.
func inboxName(_ index: Int) -> String { String(format: "image-%04d.jpg", index) }
