import Testing
import Viewer

/// The small picture that a camera puts into a file.
struct EmbeddedPictureTests {
  private func embedded(_ bytes: [UInt8]) -> DecodedImage? {
    bytes.withUnsafeBytes { JPEGDecoder.embedded(in: $0, fileByteCount: UInt64(bytes.count)) }
  }

  @Test func itIsTurnedAsTheImageIs() throws {
    let small = try TestJPEG.make(width: 160, height: 120)
    let bytes = TestJPEG.carrying(small, in: try TestJPEG.make(width: 640, height: 480), orientation: 6)
    let image = try #require(embedded(bytes))
    #expect(image.isPreview && image.note == nil)
    #expect(image.size == PixelSize(width: 120, height: 160))
    #expect(image.sourceSize == PixelSize(width: 480, height: 640))
    #expect(image.fileByteCount == bytes.count)
    // What is stored at the left stands above.
    #expect(image.pixel(x: 60, y: 20).isNear(JPEGDecoderTests.red, within: 8))
    #expect(image.pixel(x: 60, y: 140).isNear(JPEGDecoderTests.blue, within: 8))
  }

  /// A camera fills 4 : 3 with black above and below an image of 3 : 2.
  @Test func blackBarsAreCutOff() throws {
    var pixels = [UInt8](repeating: 0, count: 160 * 120 * 4)
    for position in 7 * 160..<113 * 160 { pixels[position * 4] = 255 }
    let small = try TestJPEG.compress(pixels, .baseline, width: 160, height: 120)
    let image = try #require(
      embedded(TestJPEG.carrying(small, in: try TestJPEG.make(width: 600, height: 400))))
    #expect(image.size == PixelSize(width: 160, height: 107))
    for y in [2, 50, 104] { #expect(image.pixel(x: 80, y: y).red > 150) }
  }

  @Test func whatCannotBeOneIsLeftAlone() throws {
    let image = try TestJPEG.make(width: 640, height: 480)
    let small = try TestJPEG.make(width: 160, height: 120)
    #expect(embedded(image) == nil)
    #expect(embedded(TestJPEG.oriented(image, orientation: 3)) == nil)
    #expect(embedded(TestJPEG.carrying(Array(small.dropLast(400)), in: image)) == nil, "cut off")
    #expect(embedded(TestJPEG.carrying(Array("not one".utf8), in: image)) == nil)
    #expect(embedded(TestJPEG.carrying(small, in: image, offset: .max)) == nil)
    #expect(embedded(TestJPEG.carrying(small, in: image, count: .max)) == nil)
    #expect(embedded(TestJPEG.carrying(small, in: image, count: 0)) == nil)
    #expect(embedded(TestJPEG.carrying(small, in: try TestJPEG.make(width: 80, height: 60))) == nil, "larger")
    #expect(
      embedded(TestJPEG.carrying(small, in: try TestJPEG.make(width: 640, height: 80))) == nil, "a panorama")
    let gray = try TestJPEG.make(.grayscale, width: 160, height: 120)
    #expect(embedded(TestJPEG.carrying(gray, in: image)) == nil)
  }

  /// Only of a file that takes longer than it does, and only where it is enough.
  @Test func aLargeFileGivesItFirst() throws {
    let directory = try TestDirectory()
    let small = try TestJPEG.make(width: 160, height: 120)
    let large = TestJPEG.carrying(small, in: try TestJPEG.makeNoisy(width: 1_600, height: 1_200))
    try #require(large.count > 300_000)
    let files = try [
      directory.write(large, "large.jpg"),
      directory.write(TestJPEG.carrying(small, in: TestJPEG.make(width: 640, height: 480)), "small.jpg"),
    ]
    func isPreview(_ path: String, isEnough: Bool) -> Bool? {
      let entry = GalleryFeed.Entry(item: GalleryItem(index: 0, name: "name", path: path), revision: 0)
      var arriving: ArrivingJPEG?
      let picture = ImageLoader.loadThumbnail(
        entry, box: PixelSize(width: 320, height: 240), isPreviewEnough: isEnough, arriving: &arriving,
        currentPath: { _ in path })
      if case .image(let image) = picture { return image.isPreview } else { return nil }
    }
    #expect(isPreview(files[0], isEnough: true) == true)
    #expect(isPreview(files[0], isEnough: false) == false)
    #expect(isPreview(files[1], isEnough: true) == false)
  }
}
