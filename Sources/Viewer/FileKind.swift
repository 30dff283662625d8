/// The kind of a file that is no JPEG, by its first bytes. Phones, chats and web sites give many kinds of
/// files the name ".jpg".
package enum FileKind {
  /// The kind with its article ("a PNG image"); nil when the bytes are of no known kind.
  package static func name(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.isEmpty { return "an empty file" }
    if let signature = signatures.first(where: { $0.matches(bytes) }) { return signature.name }
    return riffName(bytes) ?? mediaName(bytes) ?? bitmapName(bytes) ?? netpbmName(bytes) ?? textName(bytes)
      ?? blankName(bytes)
  }

  /// Bytes at a fixed place that only one kind of file has.
  private struct Signature {
    var name: String
    var bytes: [UInt8]
    var offset: Int

    init(_ name: String, _ bytes: [UInt8], at offset: Int = 0) {
      self.name = name
      self.bytes = bytes
      self.offset = offset
    }

    init(_ name: String, _ text: StaticString) {
      self.init(name, text.withUTF8Buffer { Array($0) })
    }

    func matches(_ file: UnsafeRawBufferPointer) -> Bool {
      file.count >= offset + bytes.count && file[offset..<(offset + bytes.count)].elementsEqual(bytes)
    }
  }

  private static let signatures = [
    Signature("a PNG image", [0x89, 0x50, 0x4E, 0x47]),
    Signature("a GIF image", "GIF87a"),
    Signature("a GIF image", "GIF89a"),
    Signature("a camera's raw picture (CR2)", [0x49, 0x49, 0x2A, 0, 0x10, 0, 0, 0, 0x43, 0x52]),
    Signature("a TIFF image or a camera's raw picture", [0x49, 0x49, 0x2A, 0]),
    Signature("a TIFF image or a camera's raw picture", [0x4D, 0x4D, 0, 0x2A]),
    Signature("a TIFF image", [0x49, 0x49, 0x2B, 0]),
    Signature("a TIFF image", [0x4D, 0x4D, 0, 0x2B]),
    Signature("a camera's raw picture (RAF)", "FUJIFILMCCD-RAW"),
    Signature("a JPEG XL image", [0xFF, 0x0A]),
    Signature("a JPEG XL image", [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    Signature("a JPEG 2000 image", [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    Signature("a JPEG 2000 image", [0xFF, 0x4F, 0xFF, 0x51]),
    Signature("a Photoshop image", "8BPS"),
    Signature("an OpenEXR image", [0x76, 0x2F, 0x31, 0x01]),
    Signature("a Radiance image", "#?RADIANCE"),
    Signature("a QOI image", "qoif"),
    Signature("an icon (ICO)", [0, 0, 1, 0]),
    Signature("a PDF document", "%PDF-"),
    Signature("a PostScript document", "%!PS"),
    Signature("a ZIP archive", [0x50, 0x4B, 3, 4]),
    Signature("a ZIP archive", [0x50, 0x4B, 5, 6]),
    Signature("a gzip archive", [0x1F, 0x8B]),
    Signature("a 7z archive", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
    Signature("a RAR archive", [0x52, 0x61, 0x72, 0x21, 0x1A, 0x07]),
    Signature("an xz archive", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
    Signature("a Zstandard archive", [0x28, 0xB5, 0x2F, 0xFD]),
    Signature("a tar archive", Array("ustar".utf8), at: 257),
    Signature("a Matroska or WebM video", [0x1A, 0x45, 0xDF, 0xA3]),
    Signature("an MPEG video", [0, 0, 1, 0xBA]),
    Signature("an MP3 sound", "ID3"),
    Signature("an Ogg sound or video", "OggS"),
    Signature("a FLAC sound", "fLaC"),
    Signature("a program (ELF)", [0x7F, 0x45, 0x4C, 0x46]),
    Signature("a Mac's extra file (AppleDouble), without the image", [0, 5, 0x16, 7]),
    Signature("a Git LFS pointer, without the image", "version https://git-lfs"),
  ]

  /// RIFF containers say in bytes 8 to 11 what they hold.
  private static func riffName(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.prefix(4).elementsEqual("RIFF".utf8), bytes.count >= 12 else { return nil }
    switch text(bytes[8..<12]) {
    case "WEBP": return "a WebP image"
    case "AVI ": return "an AVI video"
    case "WAVE": return "a WAV sound"
    default: return "a RIFF file"
    }
  }

  /// ISO media files (ISO/IEC 14496-12) name brands in their first box, "ftyp". A HEIC file may name a
  /// general brand first.
  private static func mediaName(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
    let boxByteCount = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    let end = min(bytes.count, max(12, boxByteCount), 256)
    let brands = stride(from: 8, through: end - 4, by: 4).filter { $0 != 12 }  // 12: the minor version
      .map { text(bytes[$0..<($0 + 4)]) }
    func has(_ names: String...) -> Bool { brands.contains(where: names.contains) }
    if has("avif", "avis") { return "an AVIF image" }
    if has("heic", "heix", "heim", "heis", "hevc", "hevx") { return "a HEIC image, as iPhones take them" }
    if has("mif1", "msf1") { return "a HEIF image" }
    if has("crx ") { return "a camera's raw picture (CR3)" }
    switch brands[0] {
    case "qt  ": return "a QuickTime video"
    case "M4A ", "M4B ": return "an MP4 sound"
    case let brand where brand.hasPrefix("3g"): return "a 3GP video"
    default: return "an MP4 video"
    }
  }

  /// Any text may begin with "BM". A BMP has zeros in its reserved field, and one of a few header lengths.
  private static func bitmapName(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 18, bytes.prefix(2).elementsEqual("BM".utf8) else { return nil }
    guard bytes[6..<10].allSatisfy({ $0 == 0 }), bytes[15] == 0, bytes[16] == 0, bytes[17] == 0 else {
      return nil
    }
    return "a BMP image"
  }

  /// "P1" to "P7" and a blank.
  private static func netpbmName(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count >= 3, bytes[0] == UInt8(ascii: "P"), (0x31...0x37).contains(bytes[1]),
      bytes[2] == 0x20 || (0x09...0x0D).contains(bytes[2])
    else { return nil }
    return "a Netpbm image"
  }

  private static func textName(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return "a text file (UTF-16)"
    }
    let start = bytes.prefix(1024)
    // Allowed are whitespace and all bytes from the space on but DEL. Bytes above 0x7F are UTF-8 or an older
    // encoding.
    guard start.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }) else { return nil }
    guard start.count(where: { $0 < 0x80 }) * 4 >= start.count else { return nil }
    let lower = text(start).lowercased()
    if lower.contains("<svg") { return "an SVG image" }
    if lower.contains("<html") || lower.contains("<!doctype html") { return "a web page (HTML)" }
    return "a text file"
  }

  /// Some programs reserve a file's space before they fill it. When they are cut short, the file has only
  /// zeros.
  private static func blankName(_ bytes: UnsafeRawBufferPointer) -> String? {
    bytes.allSatisfy { $0 == 0 } ? "nothing but zeros" : nil
  }

  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
