import Foundation
import Testing

/// What people see while a transfer runs.
@Suite(.sideBySide) struct ProgressTests {
  /// Sends on a terminal of so many columns, of script(1); what it showed.
  private func transcript(columns: Int) async -> String {
    let rig = Rig()
    rig.scratch.folder("set")
    rig.scratch.file("set/a.jpg", byteCount: 1_000_000)
    await rig.receive()
    let transcript = rig.scratch.path("transcript")
    let sender = Program(
      ["send", rig.scratch.path("set"), "--to", "127.0.0.1:\(rig.port)", "--rate", "5Mbit"], in: rig.scratch,
      prefix: ["sh", "-c", "script -qec \"stty cols \(columns); exec $*\" \(transcript)", "sh"])
    #expect(await sender.wait() == 0)
    #expect(await rig.receiver?.wait() == 0)
    return (try? String(contentsOfFile: transcript, encoding: .utf8)) ?? ""
  }

  /// Whole parts on one line, at any width: a line that wraps could not be overwritten.
  @Test(arguments: [12, 30, 50, 80, 200])
  func theBarFitsTheTerminal(columns: Int) async {
    let shown = await transcript(columns: columns).components(separatedBy: "\r\u{1B}[K").dropFirst()
    let bars = shown.dropLast()  // behind the last one comes the summary
    #expect(bars.count >= 3)
    for bar in bars {
      #expect(bar.count < columns && bar.contains(" %"), "\(bar)")
      let parts = bar.components(separatedBy: " · ")
      #expect(parts.allSatisfy { !$0.hasSuffix(" ") && !$0.isEmpty }, "\(bar)")
    }
    let widths = Set(bars.map { $0.prefix { $0 != "]" }.count })
    #expect(columns < 30 || widths.count == 1, "the bar keeps its width")
    if columns >= 80 { #expect(bars.contains { $0.contains("MB/s") || $0.contains("kB/s") }) }
    #expect(shown.last?.contains("all") == true || shown.last?.contains("1 file verified") == true)
  }

  @Test func aPipeGetsPlainLines() async {
    let rig = Rig()
    rig.makeSlowSet()
    await rig.receive()
    let sender = rig.send("set", "--rate", "8Mbit")
    #expect(await sender.wait() == 0)
    let lines = sender.errors.split(separator: "\n").filter { $0.contains(" % · ") }
    #expect((2...10).contains(lines.count), "\(sender.errors)")
    #expect(!sender.errors.contains("\r") && !sender.errors.contains("\u{1B}"))
  }
}
