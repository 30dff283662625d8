import CTurboJPEG
import Glibc
import Viewer

/// Makes JPEGs of every kind a viewer meets, through libjpeg-turbo's own encoder.
enum TestJPEG {
  enum Kind: CaseIterable, Sendable { case baseline, progressive, grayscale, cmyk }

  /// The encoder's own words.
  struct Failure: Error { var reason: String }

  /// A picture of `width` by `height` whose left half is red and right half blue (light and dark in
  /// grayscale).
  static func make(_ kind: Kind = .baseline, width: Int, height: Int) throws -> [UInt8] {
    let red: [UInt8] = [255, 0, 0, 255]  // as CMYK, inverted: no cyan, all magenta and yellow
    let blue: [UInt8] = [0, 0, 255, 255]
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 4)
    let row = (0..<width).flatMap { $0 * 2 < width ? red : blue }
    for _ in 0..<height { pixels += row }
    return try compress(pixels, kind, width: width, height: height)
  }

  /// A picture with detail everywhere, so that its JPEG has the size of a photo's.
  static func makeNoisy(width: Int, height: Int) throws -> [UInt8] {
    var state: UInt32 = 1
    let pixels = (0..<(width * height * 4)).map { position -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: (position >> 6) &+ Int(state >> 28))
    }
    return try compress(pixels, .baseline, width: width, height: height)
  }

  /// `isExact`: without loss, as far as JPEG can.
  static func compress(
    _ pixels: [UInt8], _ kind: Kind, width: Int, height: Int, isExact: Bool = false
  ) throws -> [UInt8] {
    guard let handle = tjInitCompress() else { throw Failure(reason: "tjInitCompress") }
    defer { tjDestroy(handle) }
    var output: UnsafeMutablePointer<UInt8>?
    var byteCount: UInt = 0
    let format = kind == .cmyk ? TJPF_CMYK : TJPF_RGBA
    let isFull = kind == .cmyk || isExact
    let subsampling = kind == .grayscale ? TJSAMP_GRAY : isFull ? TJSAMP_444 : TJSAMP_420
    let status = tjCompress2(
      handle, pixels, Int32(width), 0, Int32(height), format.rawValue, &output, &byteCount,
      Int32(subsampling.rawValue), isExact ? 100 : 90, kind == .progressive ? TJFLAG_PROGRESSIVE : 0)
    guard status == 0, let output else {
      throw Failure(reason: tjGetErrorStr2(handle).map { String(cString: $0) } ?? "no reason")
    }
    defer { tjFree(output) }
    return Array(UnsafeBufferPointer(start: output, count: Int(byteCount)))
  }

  /// A header without a picture that claims these dimensions: SOI, SOF, SOS. `marker` 0xC0 is baseline, 0xC2
  /// progressive.
  static func headerOnly(width: UInt16, height: UInt16, marker: UInt8 = 0xC0, componentCount: UInt8 = 3)
    -> [UInt8]
  {
    var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, marker, 0, 8 + 3 * componentCount, 8]
    bytes += [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), componentCount]
    for component in 1...componentCount { bytes += [component, 0x11, 0] }
    bytes += [0xFF, 0xDA, 0, 6 + 2 * componentCount, componentCount]
    for component in 1...componentCount { bytes += [component, 0] }
    return bytes + [0, 63, 0]
  }

  /// `jpeg` with an Exif segment that gives this orientation, in either byte order, as a number of `type`: 1
  /// BYTE, 3 SHORT, 4 LONG (TIFF 6.0 §2).
  static func oriented(
    _ jpeg: [UInt8], orientation: UInt8, littleEndian: Bool = false, type: UInt8 = 3, count: UInt8 = 1
  ) -> [UInt8] {
    let byteCount = [1: 1, 3: 2, 4: 4][type] ?? 2
    let zeros = [UInt8](repeating: 0, count: byteCount - 1)
    let value = (littleEndian ? [orientation] + zeros : zeros + [orientation]) + [0, 0, 0]
    let tiff: [UInt8] =
      littleEndian
      ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, type, 0, count, 0, 0, 0]
      : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, type, 0, 0, 0, count]
    let body = Array("Exif".utf8) + [0, 0] + tiff + value.prefix(4) + [0, 0, 0, 0]
    return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg.dropFirst(2)
  }

  /// `jpeg` with an Exif segment that has this orientation and this small picture, as cameras write it. The
  /// picture's place and length can be made to lie.
  static func carrying(
    _ thumbnail: [UInt8], in jpeg: [UInt8], orientation: UInt8 = 1, offset: UInt32 = 68, count: UInt32? = nil
  ) -> [UInt8] {
    func word(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    func long(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
    let first = word(1) + word(0x0112) + word(3) + long(1) + [orientation, 0, 0, 0] + long(26)
    let second =
      word(3) + word(0x0103) + word(3) + long(1) + [6, 0, 0, 0] + word(0x0201) + word(4) + long(1)
      + long(offset) + word(0x0202) + word(4) + long(1) + long(count ?? UInt32(thumbnail.count)) + long(0)
    let body = Array("Exif".utf8) + [0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0] + first + second + thumbnail
    let length = body.count + 2
    return [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + jpeg.dropFirst(2)
  }

  /// Where the segment of this marker begins (its 0xFF), nil if there is none; exact for what the encoder
  /// wrote.
  static func position(of marker: UInt8, in jpeg: [UInt8]) -> Int? {
    var offset = 2
    while offset + 4 <= jpeg.count, jpeg[offset] == 0xFF {
      if jpeg[offset + 1] == marker { return offset }
      offset += 2 + Int(jpeg[offset + 2]) << 8 + Int(jpeg[offset + 3])
    }
    return nil
  }
}

/// A directory of its own for one test, removed with it.
final class TestDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/gallery-viewer-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestJPEG.Failure(reason: "mkdtemp: errno \(errno)") }
    path = template.withUnsafeBufferPointer { buffer in
      String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  deinit {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink("\(path)/\(name)")
    }
    closedir(directory)
    rmdir(path)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    guard let stream = fopen(file, "wb") else { throw TestJPEG.Failure(reason: "fopen \(file)") }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
    return file
  }

  /// The bytes of a file in it.
  func read(_ name: String) throws -> [UInt8] {
    guard let stream = fopen("\(path)/\(name)", "rb") else { throw TestJPEG.Failure(reason: "fopen \(name)") }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 16 << 20)
    let count = fread(&bytes, 1, bytes.count, stream)
    return Array(bytes.prefix(count))
  }

  func item(_ index: Int, _ name: String, _ bytes: [UInt8]) throws -> GalleryItem {
    GalleryItem(index: index, name: name, path: try write(bytes, name))
  }
}

/// Red, green and blue of one pixel, each in 0...255.
struct RGB: Equatable {
  var red: Int
  var green: Int
  var blue: Int

  func isNear(_ other: RGB, within tolerance: Int = 40) -> Bool {
    abs(red - other.red) <= tolerance && abs(green - other.green) <= tolerance
      && abs(blue - other.blue) <= tolerance
  }
}

extension DecodedImage {
  func pixel(x: Int, y: Int) -> RGB {
    let value = pixels[y * size.width + x]
    return RGB(red: Int(value >> 16 & 255), green: Int(value >> 8 & 255), blue: Int(value & 255))
  }
}

/// Decodes test bytes.
func decode(_ bytes: [UInt8], box: PixelSize) throws -> DecodedImage {
  try bytes.withUnsafeBytes { try JPEGDecoder.decode($0, box: box) }
}
