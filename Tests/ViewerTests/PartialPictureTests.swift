import Testing
import Viewer

/// The picture of an image of which only the beginning has arrived.
struct PartialPictureTests {
  private func decode(_ bytes: ArraySlice<UInt8>, box: PixelSize) throws -> DecodedImage {
    try bytes.withUnsafeBytes { try JPEGDecoder.decode($0, box: box, isPart: true) }
  }

  private func isHatch(_ image: DecodedImage, _ x: Int, _ y: Int) -> Bool {
    image.pixels[y * image.size.width + x] == Hatch.pixel(x: x, y: y)
  }

  /// The rows that are here are those of the whole picture, pixel for pixel; below them is the hatch.
  @Test(arguments: [0.2, 0.5, 0.9])
  func theTopOfABaselineImage(fraction: Double) throws {
    let bytes = try TestJPEG.makeNoisy(width: 320, height: 240)
    let box = PixelSize(width: 320, height: 240)
    let whole = try decode(bytes[...], box: box)
    #expect(whole.note == nil && !(0..<240).contains { isHatch(whole, 0, $0) && isHatch(whole, 5, $0) })
    let part = try decode(bytes.prefix(Int(Double(bytes.count) * fraction)), box: box)
    let missing = (0..<240).first { y in (0..<320).allSatisfy { isHatch(part, $0, y) } }
    let end = try #require(missing)
    #expect(abs(Double(end) / 240 - fraction) < 0.15, "\(end)")
    #expect((end..<240).allSatisfy { y in (0..<320).allSatisfy { isHatch(part, $0, y) } })
    // A row of blocks above: the last one is begun, and its neighbour's smoothed colours depend on it.
    for y in 0..<max(0, end - 32) {
      #expect((0..<320).allSatisfy { part.pixel(x: $0, y: y) == whole.pixel(x: $0, y: y) }, "row \(y)")
    }
  }

  /// Specs/viewer.md: a part is decoded as the same bytes with an end marker behind them. The picture of a
  /// part is that picture, pixel for pixel, with the hatch where that one is the grey of blocks without data.
  @Test(arguments: [TestJPEG.Kind.baseline, .progressive], [0.1, 0.25, 0.4, 0.6, 0.8, 0.97])
  func aPartIsThePaddedWhole(kind: TestJPEG.Kind, fraction: Double) throws {
    let bytes =
      kind == .baseline
      ? try TestJPEG.makeNoisy(width: 320, height: 240) : try TestJPEG.make(kind, width: 320, height: 240)
    let prefix = bytes.prefix(Int(Double(bytes.count) * fraction))
    let box = PixelSize(width: 320, height: 240)
    guard let part = try? decode(prefix, box: box) else { return #expect(fraction < 0.5, "no picture") }
    let padded = try (Array(prefix) + [0xFF, 0xD9]).withUnsafeBytes { try JPEGDecoder.decode($0, box: box) }
    #expect(part.size == padded.size)
    var hatched = 0
    for y in 0..<240 {
      for x in 0..<320 where part.pixel(x: x, y: y) != padded.pixel(x: x, y: y) {
        hatched += 1
        #expect(isHatch(part, x, y), "(\(x), \(y)) is neither the padded picture nor the hatch")
        guard isHatch(part, x, y) else { return }
      }
    }
    #expect(kind == .progressive || hatched > 0)
  }

  @Test func everyPrefixIsAPictureOrNothing() throws {
    let jpegs = [
      try TestJPEG.make(.progressive, width: 64, height: 64), try TestJPEG.make(.cmyk, width: 40, height: 24),
      try TestJPEG.make(.grayscale, width: 33, height: 17),
      TestJPEG.oriented(try TestJPEG.make(width: 48, height: 32), orientation: 6),
    ]
    for bytes in jpegs {
      for count in stride(from: 0, through: bytes.count, by: 7) {
        let image = try? decode(bytes.prefix(count), box: PixelSize(width: 20, height: 20))
        if let image { #expect(image.size.pixelCount > 0) }
      }
      #expect(throws: Never.self) { try decode(bytes[...], box: PixelSize(width: 20, height: 20)) }
    }
  }

  /// Scans of a progressive image cover all of it, coarsely.
  @Test func aProgressiveImageIsWholeAfterItsFirstScan() throws {
    let bytes = try TestJPEG.make(.progressive, width: 320, height: 240)
    let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
    let image = try decode(bytes.prefix(scans[1]), box: PixelSize(width: 320, height: 240))
    #expect(!(0..<240).contains { y in (0..<320).allSatisfy { isHatch(image, $0, y) } })
    #expect(image.pixel(x: 20, y: 230).isNear(JPEGDecoderTests.red))
  }

  /// Of a large image on a small place: halved stripes were an even grey.
  @Test func theHatchOfASmallPictureHasItsColours() throws {
    let bytes = try TestJPEG.makeNoisy(width: 640, height: 480)
    let image = try bytes.prefix(bytes.count / 2).withUnsafeBytes {
      try JPEGDecoder.decode($0, box: PixelSize(width: 40, height: 30), isPart: true)
    }
    #expect(image.size == PixelSize(width: 40, height: 30))
    let missing = (0..<30).filter { y in (0..<40).allSatisfy { isHatch(image, $0, y) } }
    #expect(missing.count > 10 && missing.last == 29)
    #expect(!isHatch(image, 0, 0) || !isHatch(image, 9, 0))
  }

  @Test func theLoaderReadsNoFurtherThanWhatArrived() throws {
    let directory = try TestDirectory()
    let bytes = try TestJPEG.makeNoisy(width: 64, height: 64)
    let path = try directory.write(bytes, "part")
    func load(_ count: Int, path: String) -> Picture {
      let item = GalleryItem(
        index: 0, name: "a", path: path, part: ImagePart(fraction: 0.5, leadingByteCount: UInt64(count)))
      return ImageLoader.load(
        GalleryFeed.Entry(item: item, revision: 0), box: PixelSize(width: 64, height: 64),
        currentPath: { _ in nil })
    }
    guard case .image(let half) = load(bytes.count / 2, path: path) else {
      Issue.record("half of it is no picture")
      return
    }
    #expect(isHatch(half, 63, 63) && half.fileByteCount == bytes.count / 2)
    for (count, path) in [(0, path), (10, path), (bytes.count, "/nonexistent")] {
      guard case .nothingYet = load(count, path: path) else {
        Issue.record("\(count) bytes of \(path) are a picture")
        return
      }
    }
  }
}
