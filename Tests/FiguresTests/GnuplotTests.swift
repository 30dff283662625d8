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
  func whatGnuplotSaysIsTold() throws {
    let error = #expect(throws: FigureError.self) { try Gnuplot.run("plot nonsense nonsense\n") }
    #expect(error?.description.hasPrefix("cannot plot: gnuplot ended with ") == true)
  }
}
