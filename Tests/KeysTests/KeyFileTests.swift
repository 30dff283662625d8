import Foundation
import Testing

import Keys

struct KeyFileTests {
  private static func scratch() throws -> String {
    let path = NSTemporaryDirectory() + "gallery-keys-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test func aNewFileHasAKeyThatOnlyItsOwnerReads() throws {
    let folder = try Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (one, other) = ("\(folder)/one.key", "\(folder)/other.key")
    try KeyFile.make(one)
    try KeyFile.make(other)
    let mode = try FileManager.default.attributesOfItem(atPath: one)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try KeyFile.read(one).count == 32)
    #expect(try KeyFile.read(one) == KeyFile.read(one))
    #expect(try KeyFile.read(one) != KeyFile.read(other))
    #expect(throws: KeyError.file(path: one, reason: "File exists")) { try KeyFile.make(one) }
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o644])
  func aFileThatIsOpenToOthersIsRefused(mode: Int) throws {
    let folder = try Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/a.key"
    try KeyFile.make(path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    #expect(throws: KeyError.openToOthers(path: path)) { try KeyFile.read(path) }
  }

  @Test(arguments: [
    "", "\n", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
    String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 64) + "\n\n",
    String(repeating: "a", count: 2_000),
  ])
  func otherTextsAreNoKeys(text: String) throws {
    let folder = try Self.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/a.key"
    _ = FileManager.default.createFile(
      atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    #expect(throws: KeyError.noKey(path: path)) { try KeyFile.read(path) }
    #expect(throws: KeyError.noKey(path: folder)) { try KeyFile.read(folder) }
    #expect(throws: KeyError.file(path: path + "x", reason: "No such file or directory")) {
      try KeyFile.read(path + "x")
    }
  }
}
