import Foundation
import Ground
import Testing
import Viewer

/// An image that is decoded while it arrives, in pieces of any size, gives the pictures of one that is
/// decoded as a whole.
struct ArrivingJPEGTests {
  private static let large = ["02-eroded-mountains", "03-de-jong-attractor", "07-menger-sponge"]

  private func image(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: root.appending(path: "images/large/\(name).jpg")))
  }

  private func whole(_ bytes: [UInt8], _ box: PixelSize) throws -> DecodedImage {
    try bytes.withUnsafeBytes { try JPEGDecoder.decode($0, box: box) }
  }

  /// Pieces of 1 to `longest` bytes, the same ones for the same seed. The bytes lie elsewhere at each call,
  /// as those of a file that is read again do.
  private func last(
    _ bytes: [UInt8], _ box: PixelSize, longest: Int, check: (DecodedImage) -> Void = { _ in }
  ) -> ArrivingJPEG? {
    var generator = SplitMix64(seed: 7)
    var image: ArrivingJPEG?
    var count = 0
    while count < bytes.count {
      count = min(bytes.count, count + Int.random(in: 1...longest, using: &generator))
      let here = Array(bytes.prefix(count))
      here.withUnsafeBytes { here in
        image = image ?? ArrivingJPEG(here, box: box)
        if let picture = image?.picture(here) { check(picture) }
      }
    }
    return image
  }

  private func areEqual(_ one: DecodedImage, _ other: DecodedImage) -> Bool {
    one.size == other.size && one.sourceSize == other.sourceSize && one.note == other.note
      && memcmp(one.pixels, other.pixels, one.size.pixelCount * 4) == 0
  }

  /// A progressive image, one without subsampling and a usual one, at the thumbnail's size.
  @Test(arguments: large)
  func theWholePictureIsTheDecoders(name: String) throws {
    let bytes = try image(name)
    let box = PixelSize(width: 320, height: 240)
    let expected = try whole(bytes, box)
    var isEqual = false
    let image = last(bytes, box, longest: 1_000_000) { isEqual = areEqual($0, expected) }
    #expect(image?.isWhole == true && isEqual)
  }

  @Test(arguments: TestJPEG.Kind.allCases, [1, 50, 3_000])
  func anyPiecesGiveTheSame(kind: TestJPEG.Kind, longest: Int) throws {
    let bytes = TestJPEG.oriented(try TestJPEG.make(kind, width: 150, height: 90), orientation: 6)
    for side in [20, 60, 200] {
      let box = PixelSize(width: side, height: side)
      let expected = try whole(bytes, box)
      var isEqual = false
      let image = last(bytes, box, longest: longest) { isEqual = areEqual($0, expected) }
      // What has four components is left to the decoder of whole files.
      #expect(kind == .cmyk ? image == nil : image?.isWhole == true && isEqual, "\(side)")
    }
  }

  /// At an eighth of the size each pixel is a DC coefficient, whatever becomes of the others.
  @Test func scansThatChangeNothingAreNotLookedAt() throws {
    var bytes = try TestJPEG.make(.progressive, width: 320, height: 320)
    let box = PixelSize(width: 40, height: 40)
    let expected = try whole(bytes, box)
    let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
    let second = try #require(scans.dropFirst().first)  // of AC coefficients
    bytes[second + 10] ^= 0x55  // behind its header
    var picture: DecodedImage?
    let image = last(bytes, box, longest: 40) { picture = $0 }
    #expect(image?.isWhole == true && picture.map { areEqual($0, expected) } == true)
  }

  /// The rows that are here are those of the whole picture; below them is the hatch.
  @Test func theTopIsThatOfTheWhole() throws {
    let bytes = try TestJPEG.makeNoisy(width: 320, height: 240)
    let box = PixelSize(width: 320, height: 240)
    let expected = try whole(bytes, box)
    var heights: [Int] = []
    _ = last(bytes, box, longest: 4_000) { picture in
      let rows =
        (0..<240).first { y in
          (0..<320).allSatisfy { picture.pixels[y * 320 + $0] == Hatch.pixel(x: $0, y: y) }
        }
        ?? 240
      #expect(memcmp(picture.pixels, expected.pixels, rows * 320 * 4) == 0)
      heights.append(rows)
    }
    #expect(heights == heights.sorted() && heights.last == 240 && heights.count > 5)
  }

  /// A damaged image is never called whole, and neither it nor a beginning traps.
  @Test(arguments: [TestJPEG.Kind.baseline, .progressive])
  func damageIsLeftToTheDecoder(kind: TestJPEG.Kind) throws {
    let bytes = try TestJPEG.make(kind, width: 96, height: 64)
    let box = PixelSize(width: 96, height: 64)
    var generator = SplitMix64(seed: 3)
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int.random(in: 2..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      var picture: DecodedImage?
      let image = last(damaged, box, longest: 400) { picture = $0 }
      guard image?.isWhole == true, let picture else { continue }
      #expect(areEqual(picture, try whole(damaged, box)))
    }
    #expect(last(Array(bytes.dropLast(20)), box, longest: 400)?.isWhole == false)
  }
}
