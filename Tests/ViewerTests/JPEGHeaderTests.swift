import Testing
import Viewer

struct JPEGHeaderTests {
  private func header(_ bytes: [UInt8]) throws -> JPEGHeader {
    try bytes.withUnsafeBytes { try JPEGHeader($0) }
  }

  @Test(
    arguments: [(.baseline, 3, false), (.progressive, 3, true), (.grayscale, 1, false), (.cmyk, 4, false)]
      as [(TestJPEG.Kind, Int, Bool)])
  func readsWhatTheEncoderWrote(kind: TestJPEG.Kind, componentCount: Int, holdsCoefficients: Bool) throws {
    let found = try header(TestJPEG.make(kind, width: 123, height: 45))
    #expect(found.size == PixelSize(width: 123, height: 45))
    #expect(found.componentCount == componentCount)
    #expect(found.holdsCoefficients == holdsCoefficients)
    #expect((found.coefficientByteCount > 0) == holdsCoefficients)
    #expect(found.orientation == 1)
  }

  @Test(arguments: [UInt8](1...8), [false, true])
  func readsTheOrientation(orientation: UInt8, littleEndian: Bool) throws {
    let jpeg = try TestJPEG.make(width: 16, height: 8)
    let turned = TestJPEG.oriented(jpeg, orientation: orientation, littleEndian: littleEndian)
    #expect(try header(turned).orientation == Int(orientation))
  }

  /// Exif says SHORT; programs write BYTE and LONG as well.
  @Test(arguments: [1, 3, 4] as [UInt8], [false, true])
  func readsAnOrientationOfAnotherType(type: UInt8, littleEndian: Bool) throws {
    let jpeg = try TestJPEG.make(width: 16, height: 8)
    for orientation in UInt8(1)...8 {
      let turned = TestJPEG.oriented(
        jpeg, orientation: orientation, littleEndian: littleEndian, type: type)
      #expect(try header(turned).orientation == Int(orientation))
    }
  }

  /// ASCII and RATIONAL hold no small number here, and two of them stand elsewhere.
  @Test(arguments: [(2, 1), (5, 1), (0, 1), (3, 0), (3, 2)] as [(UInt8, UInt8)])
  func ignoresAnOrientationOfNoNumber(type: UInt8, count: UInt8) throws {
    let jpeg = try TestJPEG.make(width: 16, height: 8)
    #expect(try header(TestJPEG.oriented(jpeg, orientation: 6, type: type, count: count)).orientation == 1)
  }

  /// Every byte of an Exif segment and a frame header set to the extremes, singly and at random in threes: an
  /// answer or an error, never a trap.
  @Test(arguments: [false, true])
  func damagedHeadersNeverTrap(littleEndian: Bool) throws {
    let whole = TestJPEG.oriented(
      TestJPEG.headerOnly(width: 800, height: 600, marker: 0xC2), orientation: 6, littleEndian: littleEndian)
    for position in whole.indices {
      for value in [0, 1, 0x7F, 0x80, 0xD8, 0xFE, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[position] = value
        _ = try? header(bytes)
      }
    }
    var state: UInt64 = 11
    var orientations: Set<Int> = []
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
      }
      if let found = try? header(bytes) {
        orientations.insert(found.orientation)
        #expect(found.coefficientByteCount >= 0 && found.size.pixelCount > 0)
      }
    }
    #expect(orientations.count > 2 && orientations.isSubset(of: Set(1...8)))
  }

  @Test(arguments: [0, 9, 255] as [UInt8])
  func ignoresAnImpossibleOrientation(orientation: UInt8) throws {
    let jpeg = try TestJPEG.make(width: 16, height: 8)
    #expect(try header(TestJPEG.oriented(jpeg, orientation: orientation)).orientation == 1)
  }

  @Test func scansOfSingleComponentsHoldCoefficients() throws {
    var bytes = TestJPEG.headerOnly(width: 800, height: 600)
    bytes[25] = 1  // components in the first scan
    #expect(try header(bytes).holdsCoefficients)
  }

  @Test(arguments: [[], [0xFF], [0x89, 0x50, 0x4E, 0x47], [0xD8, 0xFF]] as [[UInt8]])
  func refusesOtherFormats(bytes: [UInt8]) {
    #expect(throws: JPEGHeader.Failure.notJPEG) { try header(bytes) }
  }

  @Test func everyTruncatedPrefixIsRefusedWithoutATrap() throws {
    let whole = TestJPEG.oriented(
      TestJPEG.headerOnly(width: 800, height: 600), orientation: 6)
    #expect(try header(whole).orientation == 6)
    for count in 2..<(whole.count - 10) {
      #expect(throws: JPEGHeader.Failure.self) { try header(Array(whole.prefix(count))) }
    }
  }

  @Test(
    arguments: [
      TestJPEG.headerOnly(width: 0, height: 5), TestJPEG.headerOnly(width: 5, height: 0),
      [0xFF, 0xD8, 0xFF, 0xE0, 0, 0], [0xFF, 0xD8, 0xFF, 0xDA, 0, 3, 1],
    ] as [[UInt8]])
  func refusesContradictions(bytes: [UInt8]) {
    #expect(throws: JPEGHeader.Failure.malformed) { try header(bytes) }
  }
}
