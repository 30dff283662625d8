import Foundation
import Testing

/// The room computes; it has no clock, no socket, no library.
@Test func theRoomImportsNothing() throws {
  let room = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Impairment").standardizedFileURL
  let files = try FileManager.default.contentsOfDirectory(at: room, includingPropertiesForKeys: nil)
  #expect(files.count > 5)
  for file in files {
    let imports = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("import ") && !$0.hasPrefix("//") && !$0.contains("///") }
    #expect(imports.isEmpty, "\(file.lastPathComponent): \(imports)")
  }
}
