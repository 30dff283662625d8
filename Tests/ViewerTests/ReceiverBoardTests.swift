import Testing
import Viewer

extension GraphicsTests {
  struct ReceiverBoardTests {
    static func board(_ count: Int) -> ReceiverBoard {
      let states: [ReceiverBoard.State] = [.receiving, .slowest, .whole, .lost, .here]
      return ReceiverBoard(
        title: "12 files",
        rows: (0..<count).map { place in
          ReceiverBoard.Row(
            name: "host-\(place)", address: "10.0.0.\(place)", state: states[place % states.count],
            fraction: [0.5, 0.25, 1, 0.75, 0][place % 5], lossFraction: 0.05, bytesPerSecond: 4.1e6,
            rttMilliseconds: 0.25, note: place % 5 == 3 ? "fell silent" : "")
        })
    }

    /// Without a font: the bars and their lengths.
    @Test func eachReceiverHasItsBar() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      feed.setBoard(Self.board(5))
      let path = "\(directory.path)/board.bmp"
      try Screenshot.write(feed: feed, size: PixelSize(width: 640, height: 480), to: path)
      func count(_ red: Int, _ green: Int, _ blue: Int) throws -> Int {
        try bitmap(path) { pixel in
          (0..<(640 * 480)).count {
            pixel($0 % 640, $0 / 640).isNear(RGB(red: red, green: green, blue: blue), within: 2)
          }
        }
      }
      let (receiving, slowest) = (try count(86, 180, 233), try count(230, 159, 0))
      let (whole, lost) = (try count(0, 158, 115), try count(240, 228, 66))
      // Bars of half, a quarter, all and three quarters, and the mark of each.
      #expect(whole > lost && lost > receiving && receiving > slowest && slowest > 200)
    }

    /// What does not fit is left out, and any number of receivers is drawn.
    @Test(arguments: [0, 1, 300])
    func anyNumberIsDrawn(count: Int) throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      var board = Self.board(count)
      board.traffic = Traffic()
      feed.setBoard(board)
      for size in [PixelSize(width: 160, height: 120), PixelSize(width: 640, height: 480)] {
        try Screenshot.write(feed: feed, size: size, to: "\(directory.path)/board.bmp")
      }
    }

    @Test func theSummaryCounts() {
      #expect(Self.board(0).summary == "0 receivers" && Self.board(1).summary == "1 receiver")
      #expect(Self.board(5).summary == "5 receivers: 1 has everything, 1 not whole")
      #expect(Self.board(10).summary == "10 receivers: 2 have everything, 2 not whole")
    }
  }
}
