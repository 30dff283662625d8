import Testing
import Viewer

struct TerminalPictureTests {
  /// 12 chunks: 7 arrived, one was repaired, one rebuilt, one is asked for, two are missing.
  private static let map = DeliveryMap(
    chunkCount: 12, fileCount: 0, file: { _ in .init(name: "", chunks: 0..<0) }
  ) { chunks in
    var counts = DeliveryMap.Counts(
      total: UInt64(chunks.count), arrived: UInt64(chunks.count { $0 < 9 }))
    (counts.repaired, counts.rebuilt) = (chunks.contains(7) ? 1 : 0, chunks.contains(8) ? 1 : 0)
    counts.asked = chunks.contains(9) ? 1 : 0
    return counts
  }

  @Test func eachStateHasACharacter() {
    let lines = TerminalPicture.lines(of: Self.map, columns: 6, rows: 9, hasColor: false)
    #expect(lines.count == 3 && lines[0] == "██████" && lines[1] == "█◣▣□··")
    #expect(lines[2] == "█ arrived 7  ◣ repaired 1  ▣ rebuilt from parity 1  □ asked for 1  · missing 3")
    let colored = TerminalPicture.lines(of: Self.map, columns: 6, rows: 9, hasColor: true)
    #expect(colored[0].hasPrefix("\u{1B}[38;2;86;180;233m█\u{1B}[0m"))
  }

  @Test func aSmallTerminalGathersChunks() {
    let lines = TerminalPicture.lines(of: Self.map, columns: 2, rows: 2, hasColor: false)
    #expect(lines[0] == "██" && lines[1] == "▣□")
    #expect(lines[2].hasSuffix("; a character is 3 chunks"))
  }
}

extension GraphicsTests {
  struct TerminalImageTests {
    /// Red at the left, blue at the right, as `TestJPEG` makes them.
    @Test func anImageIsMadeOfHalfBlocks() throws {
      let directory = try TestDirectory()
      let item = try directory.item(0, "a.jpg", TestJPEG.make(width: 64, height: 48))
      let lines = try TerminalPicture.lines(of: item, columns: 16, rows: 20)
      #expect(lines.count == 6, "16 by 12 pixels")
      #expect(lines.allSatisfy { $0.count { $0 == "▀" } == 16 && $0.hasSuffix("\u{1B}[0m") })
      let bad = try directory.item(1, "b\u{1B}.jpg", Array("hello".utf8))
      let words = try TerminalPicture.lines(of: bad, columns: 16, rows: 20)
      #expect(!words.isEmpty && words.allSatisfy { !$0.contains("\u{1B}") })
    }
  }
}
