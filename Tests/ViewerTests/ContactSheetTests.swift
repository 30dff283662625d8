import Glibc
import Testing
import Viewer

extension GraphicsTests {
  struct ContactSheetTests {
    @Test func thumbnailsStandInRows() throws {
      let directory = try TestDirectory()
      let items = try (0..<3).map {
        try directory.item($0, "\($0).jpg", TestJPEG.make(width: 480, height: 360))
      }
      let path = "\(directory.path)/sheet.bmp"
      try ContactSheet.write(items: items, columns: 2, title: "Three", to: path)
      // The third starts the second row: below the title (48) and a row of 180 + 24 + 12.
      #expect(try bitmapPixel(path, x: 12 + 60, y: 48 + 216 + 90).isNear(JPEGDecoderTests.red))
      #expect(try bitmapPixel(path, x: 12 + 180, y: 48 + 216 + 90).isNear(JPEGDecoderTests.blue))
      #expect(
        try bitmapPixel(path, x: 264 + 60, y: 48 + 216 + 90).isNear(
          RGB(red: 16, green: 16, blue: 18), within: 3))
    }

    /// What cannot be decoded is a cell like any other. GALLERY_TEST_SHEET keeps the picture, to be looked
    /// at.
    @Test func everyKindHasItsCell() throws {
      let directory = try TestDirectory()
      var items = try TestJPEG.Kind.allCases.enumerated().map { index, kind in
        try directory.item(index, "\(kind).jpg", TestJPEG.make(kind, width: 800, height: 600))
      }
      let whole = try TestJPEG.makeNoisy(width: 1200, height: 800)
      items.append(try directory.item(4, "truncated.jpg", Array(whole.prefix(whole.count / 2))))
      items.append(
        try directory.item(
          5, "notes with a rather long name, longer than a cell is wide.txt", Array("x".utf8)))
      items.append(try directory.item(6, "giant.jpg", TestJPEG.headerOnly(width: 65_535, height: 65_535)))
      items.append(try directory.item(7, "portrait.jpg", TestJPEG.oriented(whole, orientation: 6)))
      let kept = getenv("GALLERY_TEST_SHEET").map { String(cString: $0) }
      let path = kept ?? "\(directory.path)/sheet.bmp"
      try ContactSheet.write(items: items, columns: 4, title: "Every kind", to: path)
      if kept == nil {
        let plateEdge = ScreenshotTests.plateEdge
        #expect(try bitmapPixel(path, x: 264 + 24, y: 48 + 216 + 90).isNear(plateEdge, within: 5))
      } else {
        let feed = GalleryFeed()
        for item in items { feed.add(item) }
        feed.setStatus("12 of 20 · 5.1 MB/s · 4.8 % lost")
        feed.setProgress(0.6)
        for index in [4, 5] { try Screenshot.write(feed: feed, index: index, to: "\(path).\(index).png") }
        try Screenshot.write(feed: GalleryFeed(), to: "\(path).empty.png")
      }
    }

    @Test func nothingMakesNoSheet() {
      #expect(throws: ViewerError.noImages) {
        try ContactSheet.write(items: [], title: "None", to: "/tmp/never.png")
      }
    }
  }
}
