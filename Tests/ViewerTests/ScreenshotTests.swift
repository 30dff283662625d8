import CSDL2
import Testing
import Viewer

/// Everything that draws: SDL and its fonts belong to one thread at a time.
@Suite(.serialized) enum GraphicsTests {}

/// Reads a BMP back as pixels.
func bitmapPixel(_ path: String, x: Int, y: Int) throws -> RGB { try bitmap(path) { $0(x, y) } }

/// Hands `body` a function that reads pixels of the file.
func bitmap<Value>(_ path: String, _ body: ((Int, Int) -> RGB) -> Value) throws -> Value {
  guard let file = SDL_RWFromFile(path, "rb"), let loaded = SDL_LoadBMP_RW(file, 1) else {
    throw TestJPEG.Failure(reason: String(cString: SDL_GetError()))
  }
  defer { SDL_FreeSurface(loaded) }
  guard let surface = SDL_ConvertSurfaceFormat(loaded, SDL_PIXELFORMAT_ARGB8888.rawValue, 0) else {
    throw TestJPEG.Failure(reason: String(cString: SDL_GetError()))
  }
  defer { SDL_FreeSurface(surface) }
  return body { x, y in
    let row = surface.pointee.pixels + y * Int(surface.pointee.pitch)
    let value = row.load(fromByteOffset: x * 4, as: UInt32.self)
    return RGB(red: Int(value >> 16 & 255), green: Int(value >> 8 & 255), blue: Int(value & 255))
  }
}

extension GraphicsTests {
  struct ScreenshotTests {
    let size = PixelSize(width: 640, height: 480)
    static let plateEdge = RGB(red: 224, green: 122, blue: 95)

    @Test func pictureFillsTheFrame() throws {
      let directory = try TestDirectory()
      let items = [try directory.item(0, "a.jpg", TestJPEG.make(width: 1280, height: 960))]
      let path = "\(directory.path)/shot.bmp"
      try Screenshot.write(items: items, index: 0, size: size, to: path)
      // Above it the line with its name, of 26 pixels; nothing below. 454 lines at 4:3 leave 605 columns.
      let strip = RGB(red: 34, green: 35, blue: 40)
      #expect(try bitmapPixel(path, x: 320, y: 2).isNear(strip, within: 5))
      #expect(try bitmapPixel(path, x: 22, y: 30).isNear(JPEGDecoderTests.red))
      #expect(try bitmapPixel(path, x: 617, y: 477).isNear(JPEGDecoderTests.blue))
    }

    @Test func lightAndLargeTexts() throws {
      let directory = try TestDirectory()
      let items = [try directory.item(0, "a.jpg", TestJPEG.make(width: 1280, height: 960))]
      let path = "\(directory.path)/shot.bmp"
      try Screenshot.write(
        feed: GalleryFeed(items: items), as: .image, index: 0, size: size,
        look: Look(theme: .light, textPercent: 200), to: path)
      let strip = RGB(red: 226, green: 227, blue: 232)
      #expect(try bitmapPixel(path, x: 320, y: 2).isNear(strip, within: 5))
      // The line with its name has 52 pixels now.
      #expect(try bitmapPixel(path, x: 320, y: 50).isNear(strip, within: 5))
      #expect(try bitmapPixel(path, x: 100, y: 54).isNear(JPEGDecoderTests.red))
      #expect(Look(textPercent: 1).textPercent == 50 && Look(textPercent: 900).textPercent == 300)
    }

    /// The pixels of text in the line above the picture, in its left and its right half.
    private func textColumns(_ path: String, _ columns: Range<Int>) throws -> Int {
      try bitmap(path) { pixel in
        columns.count { x in
          (0..<26).contains { y in pixel(x, y).red > 120 && pixel(x, y).green > 120 }
        }
      }
    }

    @Test func nameAndPlaceStandAboveThePicture() throws {
      let directory = try TestDirectory()
      let jpeg = try TestJPEG.make(width: 64, height: 48)
      let short = try directory.item(0, "a.jpg", jpeg)
      let long = try directory.item(1, String(repeating: "long name ", count: 20) + ".jpg", jpeg)
      let path = "\(directory.path)/shot.bmp"
      try Screenshot.write(items: [short, long], index: 0, size: size, to: path)
      #expect(try textColumns(path, 13..<100) > 5)
      #expect(try textColumns(path, 100..<400) == 0)
      #expect(try textColumns(path, 400..<560) > 10, "its size and dimensions")
      #expect(try textColumns(path, 560..<640) > 10, "1 of 2")
      try Screenshot.write(items: [short, long], index: 1, size: size, to: path)
      #expect(try textColumns(path, 13..<560) > 300, "all the room there is")
    }

    @Test func statusTakesItsStripAndTheBarItsShare() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      feed.add(try directory.item(0, "a.jpg", TestJPEG.make(width: 1280, height: 960)))
      feed.setStatus("12 of 20 · 5.1 MB/s · 4.8 % lost")
      feed.setProgress(0.6)
      let path = "\(directory.path)/shot.bmp"
      try Screenshot.write(feed: feed, index: 0, size: size, to: path)
      let bar = RGB(red: 86, green: 166, blue: 240)
      let barY = 480 - 26 + 1  // the strip is twice the text's 13 pixels, the bar at its top
      #expect(try bitmapPixel(path, x: 100, y: barY).isNear(bar, within: 5))
      #expect(try !bitmapPixel(path, x: 600, y: barY).isNear(bar, within: 5))
    }

    @Test func otherFilesShowAFramedPlate() throws {
      let directory = try TestDirectory()
      let items = [try directory.item(0, "notes.txt", Array("hello".utf8))]
      let path = "\(directory.path)/shot.bmp"
      try Screenshot.write(items: items, index: 0, size: size, to: path)
      #expect(try bitmapPixel(path, x: 66, y: 260).isNear(Self.plateEdge, within: 5))
    }

    /// 640 by 480 has four columns; the thumbnails are 3:4 of their width.
    @Test func theGridShowsPicturesPlatesAndRings() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      feed.add(try directory.item(0, "a.jpg", TestJPEG.make(width: 64, height: 48)))
      feed.add(try directory.item(1, "b.jpg", Array("hello".utf8)))
      feed.expect([GalleryItem(index: 2, name: "c.jpg", path: "/none", part: ImagePart(fraction: 0.5))])
      let path = "\(directory.path)/grid.bmp"
      try Screenshot.write(feed: feed, as: .grid, index: 1, size: size, to: path)
      let layout = GridLayout(count: 3, area: PixelSize(width: 640, height: 454), textHeight: 13)
      func middle(_ position: Int, dx: Int = 0) -> (Int, Int) {
        let frame = layout.frame(of: position)
        return (frame.x + frame.size.width / 2 + dx, 26 + frame.y + frame.size.height / 2)
      }
      let (left, right) = (middle(0, dx: -30), middle(0, dx: 30))
      #expect(try bitmapPixel(path, x: left.0, y: left.1).isNear(JPEGDecoderTests.red))
      #expect(try bitmapPixel(path, x: right.0, y: right.1).isNear(JPEGDecoderTests.blue))
      let plate = layout.frame(of: 1)
      let edge = RGB(red: 86, green: 166, blue: 240)
      #expect(try bitmapPixel(path, x: plate.x - 1, y: 26 + plate.y + 9).isNear(edge, within: 5), "selected")
      let ring = layout.frame(of: 2).size.height / 4 - 4
      #expect(try bitmapPixel(path, x: middle(2, dx: ring).0, y: middle(2).1).isNear(edge, within: 25))
      #expect(try !bitmapPixel(path, x: middle(2, dx: -ring).0, y: middle(2).1).isNear(edge, within: 25))
      #expect(throws: ViewerError.noSuchImage(index: 3)) {
        try Screenshot.write(feed: feed, as: .grid, index: 3, size: size, to: path)
      }
    }

    /// A set of 12 chunks: 8 of them arrived, one in a repair, one is asked for. The file has the last six.
    @Test func theMapDrawsEveryChunk() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed()
      feed.expect([GalleryItem(index: 0, name: "a.jpg", path: "/none", part: ImagePart(), file: 0)])
      let path = "\(directory.path)/map.bmp"
      try Screenshot.write(feed: feed, as: .map, size: size, to: path)
      let arrived = RGB(red: 0x56, green: 0xB4, blue: 0xE9)
      func count(_ color: RGB) throws -> Int {
        try bitmap(path) { pixel in
          (0..<(640 * 480)).count { pixel($0 % 640, $0 / 640).isNear(color, within: 3) }
        }
      }
      #expect(try count(arrived) == 0, "no map yet")
      feed.setDelivery(
        DeliveryMap(chunkCount: 12, fileCount: 1, file: { _ in .init(name: "a.jpg", chunks: 6..<12) }) {
          chunks in
          var counts = DeliveryMap.Counts(
            total: UInt64(chunks.count), arrived: UInt64(chunks.count { $0 < 8 }))
          counts.repaired = chunks.contains(7) ? 1 : 0
          counts.asked = chunks.contains(9) ? 1 : 0
          return counts
        })
      try Screenshot.write(feed: feed, as: .map, size: size, to: path)
      // Cells of 24 pixels are 21 by 21: seven in the set and one in the file, a small one in the legend, and
      // half a one there.
      let cell = 21 * 21
      #expect((8 * cell..<9 * cell + cell / 2).contains(try count(arrived)))
      let repaired = try count(RGB(red: 0xE6, green: 0x9F, blue: 0))
      #expect(
        (cell..<cell + cell / 2).contains(repaired),
        "a triangle in the set, one in the file, and the legend's")
      #expect(try count(RGB(red: 0xF0, green: 0xE4, blue: 0x42)) > 2 * 4 * 15)
    }

    /// The same set at three moments of its replay, without a font: cells, time line and strip.
    @Test func aReplayIsDrawnAtItsMoment() throws {
      let directory = try TestDirectory()
      let feed = GalleryFeed(recording: ReplayPlayerTests.recording())
      let path = "\(directory.path)/replay.bmp"
      var counts: [Int] = []
      for place in [ReplayPlayer.Place.fraction(0), .fraction(0.5), .fraction(1)] {
        try Screenshot.write(feed: feed, at: place, size: size, to: path)
        let color = RGB(red: 0x56, green: 0xB4, blue: 0xE9)
        counts.append(
          try bitmap(path) { pixel in
            (0..<(640 * 480)).count { pixel($0 % 640, $0 / 640).isNear(color, within: 3) }
          })
      }
      #expect(counts[0] < counts[1] && counts[1] < counts[2], "\(counts)")
      // The time line: its left half is played at 50 %.
      try Screenshot.write(feed: feed, at: .fraction(0.5), size: size, to: path)
      let y = 480 - 26 - 6 - 45 + 26 + 4
      #expect(try bitmapPixel(path, x: 200, y: y).isNear(RGB(red: 86, green: 166, blue: 240), within: 5))
      #expect(try bitmapPixel(path, x: 560, y: y).isNear(RGB(red: 60, green: 62, blue: 70), within: 5))
    }

    @Test func pngIsAPNG() throws {
      let directory = try TestDirectory()
      try Screenshot.write(items: [], size: size, to: "\(directory.path)/shot.png")
      let bytes = try directory.read("shot.png")
      #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      #expect(Array(bytes[16..<24]) == [0, 0, 2, 128, 0, 0, 1, 224], "IHDR: 640 by 480")
    }

    @Test func refusesWhatItCannotDo() throws {
      #expect(throws: ViewerError.noSuchImage(index: 3)) {
        try Screenshot.write(items: [], index: 3, size: size, to: "/tmp/never.png")
      }
      #expect(throws: ViewerError.sizeOutOfRange(width: 0, height: 5)) {
        try Screenshot.write(items: [], size: PixelSize(width: 0, height: 5), to: "/tmp/never.png")
      }
      for name in ["x.png", "x.bmp"] {
        let error = #expect(throws: ViewerError.self) {
          try Screenshot.write(items: [], size: size, to: "/nonexistent/\(name)")
        }
        guard case .cannotWrite = error else { Issue.record("\(String(describing: error))"); return }
      }
    }
  }
}
