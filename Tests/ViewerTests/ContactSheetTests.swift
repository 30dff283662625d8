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

    @Test func nothingMakesNoSheet() {
      #expect(throws: ViewerError.noImages) {
        try ContactSheet.write(items: [], title: "None", to: "/tmp/never.png")
      }
    }
  }
}
