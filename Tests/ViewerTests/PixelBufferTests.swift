import Testing
import Viewer

struct PixelBufferTests {
  @Test func halvingAveragesFourPixels() {
    var buffer = PixelBuffer(size: PixelSize(width: 2, height: 2))
    for (position, value) in [0xFF00_0000, 0xFF00_00FF, 0xFF00_FF00, 0xFFFF_0000].enumerated() {
      buffer.pixels[position] = UInt32(value)
    }
    buffer.halve(covering: PixelSize(width: 1, height: 1))
    #expect(buffer.size == PixelSize(width: 1, height: 1))
    #expect(buffer.pixels[0] == 0xFF3F_3F3F)
  }

  @Test(
    arguments: [
      (100, 100, 30, 30, 50, 50), (100, 100, 51, 51, 100, 100), (1000, 1, 10, 1, 15, 1), (7, 7, 3, 3, 3, 3),
    ])
  func halvesUntilItWouldNoLongerCover(
    width: Int, height: Int, targetWidth: Int, targetHeight: Int, expectedWidth: Int, expectedHeight: Int
  ) {
    var buffer = PixelBuffer(size: PixelSize(width: width, height: height))
    buffer.halve(covering: PixelSize(width: targetWidth, height: targetHeight))
    #expect(buffer.size == PixelSize(width: expectedWidth, height: expectedHeight))
  }

  /// A picture a b c / d e f, by Exif orientation: the rows seen.
  @Test(
    arguments: [
      (1, [1, 2, 3, 4, 5, 6], 3), (2, [3, 2, 1, 6, 5, 4], 3), (3, [6, 5, 4, 3, 2, 1], 3),
      (4, [4, 5, 6, 1, 2, 3], 3),
      (5, [1, 4, 2, 5, 3, 6], 2), (6, [4, 1, 5, 2, 6, 3], 2), (7, [6, 3, 5, 2, 4, 1], 2),
      (8, [3, 6, 2, 5, 1, 4], 2),
    ] as [(Int, [UInt32], Int)])
  func orientations(orientation: Int, expected: [UInt32], width: Int) {
    var buffer = PixelBuffer(size: PixelSize(width: 3, height: 2))
    for position in 0..<6 { buffer.pixels[position] = UInt32(position + 1) }
    buffer.makeUpright(orientation: orientation)
    #expect(buffer.size.width == width)
    #expect((0..<6).map { buffer.pixels[$0] } == expected)
  }
}
