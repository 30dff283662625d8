import Testing
import Viewer

struct JPEGDecoderTests {
  static let red = RGB(red: 255, green: 0, blue: 0)
  static let blue = RGB(red: 0, green: 0, blue: 255)
  let box = PixelSize(width: 200, height: 200)

  @Test(arguments: [TestJPEG.Kind.baseline, .progressive, .cmyk])
  func coloursAreRight(kind: TestJPEG.Kind) throws {
    let image = try decode(TestJPEG.make(kind, width: 160, height: 120), box: box)
    #expect(image.size == PixelSize(width: 160, height: 120))
    #expect(image.note == nil)
    #expect(image.pixel(x: 20, y: 60).isNear(Self.red))
    #expect(image.pixel(x: 140, y: 60).isNear(Self.blue))
  }

  /// 4:1:0, 3:1:1 and others that TurboJPEG 2 has no name for, and some that it has.
  @Test(
    arguments: [
      [0x42, 0x11, 0x11], [0x31, 0x11, 0x11], [0x14, 0x11, 0x11], [0x22, 0x21, 0x11], [0x13, 0x11, 0x11],
      [0x24, 0x11, 0x11], [0x22, 0x11, 0x12], [0x21, 0x21, 0x11], [0x11, 0x11, 0x11], [0x22, 0x11, 0x11],
      [0x41, 0x11, 0x11],
    ])
  func everySamplingIsShown(factors: [Int]) throws {
    var encoder = SampledJPEG(factors.map { (horizontal: $0 >> 4, vertical: $0 & 15) })
    let image = try decode(encoder.make(width: 192, height: 128), box: box)
    #expect(image.size == PixelSize(width: 192, height: 128))
    #expect(image.note == nil)
    for y in [0, 60, 127] {
      #expect(image.pixel(x: 20, y: y).isNear(Self.red, within: 8))
      #expect(image.pixel(x: 170, y: y).isNear(Self.blue, within: 8))
    }
  }

  @Test func grayscaleIsGray() throws {
    let pixel = try decode(TestJPEG.make(.grayscale, width: 64, height: 64), box: box).pixel(x: 10, y: 10)
    #expect(pixel.red == pixel.green && pixel.green == pixel.blue)
    #expect((60...90).contains(pixel.red), "luma of red is 76")
  }

  @Test(arguments: [(1, 1), (1, 3000), (3000, 1), (17, 9)])
  func oddSizes(width: Int, height: Int) throws {
    let image = try decode(TestJPEG.make(width: width, height: height), box: box)
    #expect(image.sourceSize == PixelSize(width: width, height: height))
    #expect(image.size.width < 2 * 200 && image.size.height < 2 * 200)
  }

  /// Source, box, scaled decode: the smallest eighth that still covers the picture fitted into the box.
  @Test(
    arguments: [
      (8000, 6000, 800, 600, 1000, 750), (8000, 6000, 1001, 751, 2000, 1500),
      (8000, 6000, 8000, 6000, 8000, 6000),
      (100, 100, 800, 600, 100, 100), (801, 601, 100, 75, 101, 76),
    ])
  func smallestCoveringScale(
    width: Int, height: Int, boxWidth: Int, boxHeight: Int, scaledWidth: Int, scaledHeight: Int
  ) {
    let source = PixelSize(width: width, height: height)
    let shown = source.fitted(into: PixelSize(width: boxWidth, height: boxHeight))
    #expect(
      JPEGDecoder.scaledSize(of: source, covering: shown)
        == PixelSize(width: scaledWidth, height: scaledHeight))
  }

  @Test func decodedPixelsAreBoundedEvenForAHugeWindow() {
    let source = PixelSize(width: 30_000, height: 30_000)
    let scaled = JPEGDecoder.scaledSize(of: source, covering: PixelSize(width: 16_000, height: 16_000))
    #expect(scaled.pixelCount <= JPEGDecoder.decodedPixelLimit)
    #expect(scaled.pixelCount > JPEGDecoder.decodedPixelLimit / 2)
  }

  @Test(arguments: 1...8)
  func orientationIsApplied(orientation: Int) throws {
    let jpeg = TestJPEG.oriented(try TestJPEG.make(width: 160, height: 80), orientation: UInt8(orientation))
    let image = try decode(jpeg, box: box)
    let isTurned = orientation >= 5
    #expect(
      image.sourceSize == (isTurned ? PixelSize(width: 80, height: 160) : PixelSize(width: 160, height: 80)))
    // Red is stored at the left: where it must be seen, by Exif 2.32 §4.6.5.
    let atTopOrLeft = [1, 4, 5, 6].contains(orientation)
    let end = isTurned ? image.pixel(x: 40, y: 5) : image.pixel(x: 5, y: 40)
    #expect(end.isNear(atTopOrLeft ? Self.red : Self.blue))
  }

  @Test(arguments: [TestJPEG.Kind.baseline, .progressive])
  func truncatedFileGivesWhatIsThere(kind: TestJPEG.Kind) throws {
    let whole = try TestJPEG.make(kind, width: 640, height: 480)
    let image = try decode(Array(whole.prefix(whole.count / 2)), box: box)
    #expect(image.note == "incomplete")
    if kind == .baseline { #expect(image.pixel(x: 10, y: 5).isNear(Self.red)) }
  }

  /// What libjpeg warns of though every coefficient is there: no word beside a whole picture.
  @Test(arguments: Oddity.allCases)
  func wholePicturesHaveNoNote(oddity: Oddity) throws {
    let image = try decode(oddity.applied(to: TestJPEG.makeNoisy(width: 320, height: 240)), box: box)
    #expect(image.note == nil)
  }

  enum Oddity: CaseIterable {
    case endOfSpectrum, successiveApproximation, versionOfJFIF, bytesBetweenSegments, paddingBeforeEnd
    case oneByteBeforeEnd, noEnd, bytesBehindEnd

    func applied(to jpeg: [UInt8]) throws -> [UInt8] {
      var bytes = jpeg
      let scan = try #require(TestJPEG.position(of: 0xDA, in: jpeg))
      let parameters = scan + 2 + Int(jpeg[scan + 3]) - 3
      switch self {
      case .endOfSpectrum: bytes[parameters + 1] = 0
      case .successiveApproximation: bytes[parameters + 2] = 0x10
      case .versionOfJFIF: bytes[11] = 9
      case .bytesBetweenSegments: bytes.insert(contentsOf: [7, 8, 9, 10, 11], at: scan)
      case .paddingBeforeEnd: bytes.insert(contentsOf: [UInt8](repeating: 0, count: 300), at: bytes.count - 2)
      case .oneByteBeforeEnd: bytes.insert(0x55, at: bytes.count - 2)
      case .noEnd: bytes.removeLast(2)
      case .bytesBehindEnd: bytes += [UInt8](repeating: 0, count: 100)
      }
      return bytes
    }
  }

  /// Bytes overwritten in the middle of the scan, with all later ones in place.
  @Test func missingDataIsDamage() throws {
    var bytes = try TestJPEG.makeNoisy(width: 320, height: 240)
    for position in (bytes.count / 2)..<(bytes.count / 2 + 400) { bytes[position] = 0xFE }
    #expect(try decode(bytes, box: box).note == "damaged")
  }

  /// Mixed bytes left over at the end are those of a decoder that lost its place.
  @Test func mixedBytesLeftOverAreDamage() throws {
    var bytes = try TestJPEG.makeNoisy(width: 320, height: 240)
    bytes.insert(contentsOf: [UInt8](0...250), at: bytes.count - 2)
    #expect(try decode(bytes, box: box).note == "damaged")
  }

  /// Kinds that libjpeg-turbo 2 does not decode, by the bytes that say so in an ordinary file.
  @Test(
    arguments: [
      (0xC1, 12, "a JPEG with 12 bits per sample"), (0xC3, 8, "a lossless JPEG"),
      (0xC5, 8, "a hierarchical JPEG"),
    ] as [(UInt8, UInt8, String)])
  func rareKindsAreNamed(marker: UInt8, precision: UInt8, kind: String) throws {
    var bytes = try TestJPEG.make(width: 64, height: 48)
    let frame = try #require(TestJPEG.position(of: 0xC0, in: bytes))
    bytes[frame + 1] = marker
    bytes[frame + 4] = precision
    #expect(throws: JPEGDecoder.Failure.unsupported(kind: kind)) { try decode(bytes, box: box) }
  }

  @Test func everyPrefixDecodesOrFails() throws {
    let whole = try TestJPEG.make(.progressive, width: 64, height: 48)
    for count in 0..<whole.count - 2 {
      let image = try? decode(Array(whole.prefix(count)), box: box)
      #expect(image == nil || image?.note == "incomplete", "prefix of \(count) bytes")
    }
  }

  @Test(
    arguments: [(40_000, 40_000, 0xC0), (65_535, 65_535, 0xC0), (16_000, 16_000, 0xC2)]
      as [(UInt16, UInt16, UInt8)])
  func giantsAreRefusedBeforeAnythingIsAllocated(width: UInt16, height: UInt16, marker: UInt8) {
    let bytes = TestJPEG.headerOnly(width: width, height: height, marker: marker)
    let size = PixelSize(width: Int(width), height: Int(height))
    #expect(throws: JPEGDecoder.Failure.tooLarge(size)) { try decode(bytes, box: box) }
  }

  @Test func otherFilesAreNoJPEG() {
    #expect(throws: JPEGDecoder.Failure.notJPEG) { try decode(Array("plain text".utf8), box: box) }
    #expect(throws: JPEGDecoder.Failure.truncatedHeader) { try decode([0xFF, 0xD8], box: box) }
    #expect(throws: JPEGDecoder.Failure.unsupported(kind: "a JPEG-LS image")) {
      try decode([0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0], box: box)
    }
  }

  /// Seeded damage: nothing but a picture or an error may come of it.
  @Test(arguments: TestJPEG.Kind.allCases)
  func damagedFilesNeverTrap(kind: TestJPEG.Kind) throws {
    let whole = try TestJPEG.make(kind, width: 96, height: 64)
    var state: UInt64 = 42
    var pictureCount = 0
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Sizes may grow at most to 2,000-odd pixels a side, or the test would take minutes.
        let position = Int(state >> 33) % bytes.count
        let isSize = position > 2 && bytes[..<position].suffix(7).contains(0xFF)
        bytes[position] =
          isSize ? UInt8(truncatingIfNeeded: state >> 24) & 7 : UInt8(truncatingIfNeeded: state >> 24)
      }
      if (try? decode(bytes, box: box)) != nil { pictureCount += 1 }
    }
    #expect(pictureCount > 0, "the damage must not always hit the header")
  }

  /// Issue 2: a 50-megapixel image shows at once.
  @Test func fiftyMegapixels() throws {
    let bytes = try TestJPEG.makeNoisy(width: 8660, height: 5774)
    let clock = ContinuousClock()
    var image: DecodedImage?
    let duration = try clock.measure { image = try decode(bytes, box: PixelSize(width: 960, height: 720)) }
    #expect(image?.size == PixelSize(width: 1083, height: 722))
    #expect(duration < .seconds(5), "a generous bound for a loaded machine")
    print("50 megapixels, \(bytes.count) bytes: decoded in \(duration)")
  }
}
