import FileSet
import Foundation
import Testing

struct PlainFilesTests {
  @Test func filesBelowWithoutHiddenOnes() throws {
    let files = FileManager.default
    let folder = files.temporaryDirectory.path + "/plain-\(UUID().uuidString)"
    defer { try? files.removeItem(atPath: folder) }
    for inner in ["b/c", ".work/d", "empty"] {
      try files.createDirectory(atPath: "\(folder)/\(inner)", withIntermediateDirectories: true)
    }
    for name in ["z", "a.txt", "b/c/one.jpg", "b-", ".hidden", ".work/d/part", "b/.part"] {
      try Data(name.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try files.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a.txt")
    try files.createSymbolicLink(atPath: folder + "/loop", withDestinationPath: ".")
    try files.createSymbolicLink(atPath: folder + "/nowhere", withDestinationPath: "absent")
    #expect(mkfifo(folder + "/pipe", 0o600) == 0)
    #expect(PlainFiles.names(in: folder) == ["a.txt", "b-", "b/c/one.jpg", "link", "z"])
    #expect(PlainFiles.names(in: folder + "/absent").isEmpty)
  }
}
