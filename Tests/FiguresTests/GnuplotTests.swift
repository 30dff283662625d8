import Figures
import Foundation
import Testing

@Suite struct GnuplotTests {
  @Test(arguments: [("plain", "'plain'"), ("it's", "'it''s'"), ("two\nlines", "'two lines'"), ("", "''")])
  func textIsOneLiteral(text: String, literal: String) { #expect(Gnuplot.quoted(text) == literal) }

  @Test func aBlockHasARowALine() {
    #expect(Gnuplot.block("$data", [[1, 2.5], [3, 4]]) == "$data << EOD\n1.0 2.5\n3.0 4.0\nEOD")
    #expect(Gnuplot.block("$data", []) == "$data << EOD\nEOD")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")))
  func scriptsOfOneRunShareNothing() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func script(_ name: String, _ settings: String = "") -> String {
      "set terminal svg\nset output '\(folder)/\(name).svg'\n\(settings)\nplot x\n"
    }
    // The first drawing of a process names its colours in another way.
    try Gnuplot.run([
      script("first"), script("before"), script("logarithmic", "set logscale x"), script("behind"),
    ])
    let drawings = try ["before", "logarithmic", "behind"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0).svg"))
    }
    #expect(drawings[0] == drawings[2] && drawings[0] != drawings[1])
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")))
  func whatGnuplotSaysIsTold() throws {
    let error = #expect(throws: FigureError.self) { try Gnuplot.run(["plot nonsense nonsense\n"]) }
    #expect(error?.description.hasPrefix("cannot plot: gnuplot ended with ") == true)
  }
}
