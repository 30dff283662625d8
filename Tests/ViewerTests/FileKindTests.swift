import Testing
import Viewer

struct FileKindTests {
  private func name(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBytes { FileKind.name($0) } }

  private static func media(_ brands: String...) -> [UInt8] {
    [0, 0, 0, UInt8(12 + 4 * brands.count)] + Array("ftyp\(brands[0])".utf8) + [0, 0, 0, 0]
      + Array(brands.dropFirst().joined().utf8)
  }

  @Test(
    arguments: [
      ([], "an empty file"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG image"),
      (Array("GIF87a".utf8), "a GIF image"), (Array("GIF89a".utf8), "a GIF image"),
      (Array("RIFF".utf8) + [9, 9, 9, 9] + Array("WEBPVP8 ".utf8), "a WebP image"),
      (Array("RIFF".utf8) + [9, 9, 9, 9] + Array("AVI LIST".utf8), "an AVI video"),
      (media("heic", "mif1"), "a HEIC image, as iPhones take them"),
      (media("mif1", "heic"), "a HEIC image, as iPhones take them"),
      (media("mif1", "miaf"), "a HEIF image"), (media("avif", "mif1"), "an AVIF image"),
      (media("isom", "avc1"), "an MP4 video"), (media("qt  "), "a QuickTime video"),
      (media("crx ", "isom"), "a camera's raw picture (CR3)"),
      ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], "a TIFF image or a camera's raw picture"),
      ([0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], "a TIFF image or a camera's raw picture"),
      ([0x42, 0x4D, 9, 9, 9, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0], "a BMP image"),
      (Array("BMW, an old car".utf8), "a text file"),
      ([0xFF, 0x0A, 1, 2], "a JPEG XL image"), ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 image"),
      (Array("%PDF-1.7".utf8), "a PDF document"), ([0x50, 0x4B, 3, 4, 20, 0], "a ZIP archive"),
      (Array("8BPS".utf8), "a Photoshop image"),
      (Array("P6\n1 1\n255\n".utf8) + [0, 0, 0], "a Netpbm image"),
      (Array("<?xml version=\"1.0\"?><svg/>".utf8), "an SVG image"),
      (Array("<!DOCTYPE html><title>404</title>".utf8), "a web page (HTML)"),
      (Array("größe\n".utf8), "a text file"), ([0xFF, 0xFE, 0x41, 0], "a text file (UTF-16)"),
      ([0, 5, 0x16, 7, 0, 2], "a Mac's extra file (AppleDouble), without the image"),
      ([UInt8](repeating: 0, count: 700), "nothing but zeros"),
      ([0x1A, 0x45, 0xDF, 0xA3], "a Matroska or WebM video"), ([1, 2, 3, 0xF0], nil),
    ] as [([UInt8], String?)])
  func isTold(bytes: [UInt8], expected: String?) { #expect(name(bytes) == expected) }

  /// First bytes of everything, cut and damaged: a name or none, never a trap.
  @Test func anyBytesHaveANameOrNone() {
    var state: UInt64 = 3
    let seeds = [Self.media("heic", "mif1", "avif"), Array("RIFFxxxxWEBP".utf8), Array("BM".utf8), []]
    for round in 0..<4000 {
      var bytes = seeds[round % seeds.count]
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if round % 3 == 0 {
        bytes += [UInt8(truncatingIfNeeded: state >> 40), UInt8(truncatingIfNeeded: state >> 48)]
      }
      if !bytes.isEmpty { bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 25) }
      for count in 0...bytes.count { #expect(name(Array(bytes.prefix(count)))?.isEmpty != true) }
    }
  }
}
