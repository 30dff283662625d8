import Foundation
import Trace

/// A folder of a test's own, removed with it.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("gallery-trace-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

/// The records of a qlog file as JSON objects; fails unless each is framed as RFC 7464 says.
func records(_ path: String) throws -> [[String: Any]] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  let pieces = data.split(separator: 0x1E, omittingEmptySubsequences: false)
  guard let first = pieces.first, first.isEmpty else { throw Malformed() }
  return try pieces.dropFirst().map { piece in
    guard piece.last == UInt8(ascii: "\n"), piece.filter({ $0 == UInt8(ascii: "\n") }).count == 1,
      let object = try JSONSerialization.jsonObject(with: piece) as? [String: Any]
    else { throw Malformed() }
    return object
  }
}

struct Malformed: Error {}

/// The events after the header: name and data.
func events(_ path: String) throws -> [(name: String, data: [String: Any])] {
  try records(path).dropFirst().map { record in
    guard let name = record["name"] as? String, let data = record["data"] as? [String: Any] else {
      throw Malformed()
    }
    return (name, data)
  }
}
