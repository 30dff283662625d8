import Foundation
import Testing

/// The room computes: it has no clock, no socket, no library, and no room but the ground floor.
@Test func theRoomImportsTheGroundFloorOnly() throws {
  let room = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Impairment").standardizedFileURL
  let files = try FileManager.default.contentsOfDirectory(at: room, includingPropertiesForKeys: nil)
  #expect(files.count > 5)
  for file in files {
    let imports = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("import ") && !$0.contains("///") && !$0.hasSuffix("import Ground") }
    #expect(imports.isEmpty, "\(file.lastPathComponent): \(imports)")
  }
}
