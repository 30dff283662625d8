import Figures
import Foundation
import Testing

@Suite struct ResultFilesTests {
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/figures-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func foldersAboveAreMadeToo() throws {
    try Self.withFolder { folder in
      try ResultFiles.makeFolder(folder + "/a/b")
      try ResultFiles.makeFolder(folder + "/a/b")
      try ResultFiles.write("text", to: folder + "/a/b/file")
      #expect(try ResultFiles.read(folder + "/a/b/file") == Data("text".utf8))
    }
  }

  @Test func aFileInTheFoldersPlaceIsNamed() throws {
    try Self.withFolder { path in
      try ResultFiles.write("text", to: path)
      #expect(throws: FigureError.cannotWrite(path: path, reason: "it is a file; name a folder")) {
        try ResultFiles.makeFolder(path)
      }
    }
  }

  @Test func aMissingFileIsTheSystemsOwnWords() {
    #expect(throws: FigureError.cannotRead(path: "/no/such", reason: "No such file or directory")) {
      try ResultFiles.read("/no/such")
    }
    #expect(throws: FigureError.cannotWrite(path: "/no/such/file", reason: "No such file or directory")) {
      try ResultFiles.write("text", to: "/no/such/file")
    }
  }

  @Test func linesAreAddedToAFileThatIsThere() throws {
    try Self.withFolder { path in
      try ResultFiles.write("one\n", to: path)
      try ResultFiles.append("two\n", to: path)
      #expect(try ResultFiles.read(path) == Data("one\ntwo\n".utf8))
    }
  }

  @Test(arguments: [
    ("/no/such/file", "it is gone"), ("/tmp", "Is a directory"), ("/dev/full", "No space left on device"),
  ])
  func aLineThatCannotBeAdded(path: String, reason: String) {
    #expect(throws: FigureError.cannotWrite(path: path, reason: reason)) {
      try ResultFiles.append("text", to: path)
    }
  }

  @Test func theReasonIsTheSystemsOwnWords() {
    #expect(throws: FigureError.cannotWrite(path: "/dev/null/a", reason: "Not a directory")) {
      try ResultFiles.makeFolder("/dev/null/a")
    }
    #expect(throws: FigureError.cannotWrite(path: "/proc/a", reason: "No such file or directory")) {
      try ResultFiles.makeFolder("/proc/a")
    }
    #expect(throws: FigureError.cannotRead(path: "/tmp", reason: "Is a directory")) {
      try ResultFiles.read("/tmp")
    }
    #expect(throws: FigureError.cannotWrite(path: "/tmp", reason: "Is a directory")) {
      try ResultFiles.write("text", to: "/tmp")
    }
  }

  @Test func jsonIsSortedAndEndsWithALineFeed() throws {
    try Self.withFolder { path in
      try ResultFiles.writeJSON(["b": "x/y", "a": "1"], to: path)
      let text = String(decoding: try ResultFiles.read(path), as: UTF8.self)
      #expect(text == "{\n  \"a\" : \"1\",\n  \"b\" : \"x/y\"\n}\n")
    }
  }
}
