import Glibc
import Testing
import Viewer

/// Colours of images with an ICC profile.
struct ColorProfileTests {
  private static let adobeRGB = "/usr/share/color/icc/compatibleWithAdobeRGB1998.icc"

  /// `jpeg` with a profile in segments of at most `partByteCount` bytes (ICC.1:2022 §B.4).
  private static func tagged(_ jpeg: [UInt8], _ profile: [UInt8], partByteCount: Int = 65_519) -> [UInt8] {
    var parts: [[UInt8]] = []
    for start in stride(from: 0, to: profile.count, by: partByteCount) {
      parts.append(Array(profile[start..<min(profile.count, start + partByteCount)]))
    }
    var bytes: [UInt8] = [0xFF, 0xD8]
    for (place, part) in parts.enumerated() {
      let length = 16 + part.count
      bytes += [0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 255)] + Array("ICC_PROFILE".utf8)
      bytes += [0, UInt8(place + 1), UInt8(parts.count)] + part
    }
    return bytes + jpeg.dropFirst(2)
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let stream = fopen(path, "rb") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, stream)
    return Array(bytes.prefix(count))
  }

  private static func embedded(_ bytes: [UInt8]) -> [UInt8]? {
    bytes.withUnsafeBytes { ColorProfile.embedded(in: $0) }
  }

  @Test(arguments: [65_519, 1_000, 137])
  func aProfileIsJoinedFromItsParts(partByteCount: Int) throws {
    let jpeg = try TestJPEG.make(width: 16, height: 16)
    let profile = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(Self.embedded(Self.tagged(jpeg, profile, partByteCount: partByteCount)) == profile)
    #expect(Self.embedded(jpeg) == nil)
    #expect(Self.embedded(Self.tagged(jpeg, Array(profile.prefix(100)))) == nil, "no profile is so small")
  }

  /// A missing part, a part twice, a number beyond the count, a segment that is cut off.
  @Test func whatContradictsItselfIsNoProfile() throws {
    let tagged = Self.tagged(
      try TestJPEG.make(width: 16, height: 16), [UInt8](repeating: 1, count: 600), partByteCount: 200)
    let second = 2 + 4 + 14 + 200
    #expect(Self.embedded(tagged)?.count == 600)
    var missing = tagged
    missing.removeSubrange(second..<second + 218)
    var twice = tagged
    twice[second + 16] = 1
    var beyond = tagged
    beyond[second + 16] = 9
    var zero = tagged
    zero[second + 16] = 0
    var short = tagged
    for length in 0...17 {
      (short[second + 2], short[second + 3]) = (0, UInt8(length))
      #expect(Self.embedded(short) == nil, "a segment of \(length) bytes")
    }
    for bytes in [missing, twice, beyond, zero, Array(tagged.prefix(second + 100))] {
      #expect(Self.embedded(bytes) == nil)
    }
    for count in 0..<tagged.count { _ = Self.embedded(Array(tagged.prefix(count))) }
  }

  /// A profile that Little CMS refuses, and one of other colours than the picture's, change nothing.
  @Test func aBadProfileChangesNothing() throws {
    let box = PixelSize(width: 64, height: 64)
    let adobe = try #require(Self.read(Self.adobeRGB), "apt install icc-profiles-free")
    for kind in [TestJPEG.Kind.baseline, .grayscale, .cmyk] {
      let jpeg = try TestJPEG.make(kind, width: 64, height: 64)
      let plain = try decode(jpeg, box: box).pixel(x: 10, y: 10)
      let garbage = try decode(Self.tagged(jpeg, [UInt8](repeating: 77, count: 500)), box: box)
      #expect(garbage.pixel(x: 10, y: 10) == plain)
      let other = try decode(Self.tagged(jpeg, adobe), box: box).pixel(x: 10, y: 10)
      #expect((other == plain) == (kind != .baseline), "Adobe RGB is for RGB: \(kind) \(plain) \(other)")
    }
  }

  /// sRGB → CIE L*a*b* under D65 (IEC 61966-2-1, CIE 15).
  private static func lab(_ color: RGB) -> [Double] {
    func linear(_ value: Int) -> Double {
      let part = Double(value) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = (linear(color.red), linear(color.green), linear(color.blue))
    let xyz = [
      (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
      0.2126 * red + 0.7152 * green + 0.0722 * blue,
      (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    ].map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16.0 / 116 }
    return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
  }

  private static func deltaE(_ one: RGB, _ two: RGB) -> Double {
    let squares = zip(lab(one), lab(two)).map { ($0 - $1) * ($0 - $1) }
    return squares.reduce(0, +).squareRoot()
  }

  /// 64 patches of 16 pixels a side, of colours in steps of 85; as grey, their luminance.
  private static func patches() -> (pixels: [UInt8], size: PixelSize) {
    var pixels: [UInt8] = []
    for y in 0..<128 {
      for x in 0..<128 {
        let patch = y / 16 * 8 + x / 16
        pixels += [UInt8(patch / 16 * 85), UInt8(patch / 4 % 4 * 85), UInt8(patch % 4 * 85), 255]
      }
    }
    return (pixels, PixelSize(width: 128, height: 128))
  }

  /// Against Little CMS's own program, with a real profile: no patch differs by more than ΔE 1 (CIE 1976).
  @Test(arguments: [
    (TestJPEG.Kind.baseline, adobeRGB), (.baseline, "/usr/share/color/icc/LStar-RGB.icc"),
    (.grayscale, "/usr/share/color/icc/Gray.icc"),
    (.cmyk, "/usr/share/color/icc/ghostscript/default_cmyk.icc"),
  ])
  func coloursAreThoseOfJpgicc(kind: TestJPEG.Kind, profilePath: String) throws {
    guard ChildProcess.find("jpgicc") != nil, let profile = Self.read(profilePath) else {
      #expect(getenv("CI") == nil, "CI must have jpgicc and \(profilePath)")
      return print("skipped: apt install liblcms2-utils icc-profiles-free libgs-common")
    }
    let directory = try TestDirectory()
    let (pixels, size) = Self.patches()
    let jpeg = try TestJPEG.compress(pixels, kind, width: size.width, height: size.height, isExact: true)
    let path = try directory.write(Self.tagged(jpeg, profile), "tagged.jpg")
    let converted = "\(directory.path)/converted.jpg"
    ChildProcess(["jpgicc", "-q100", path, converted])?.wait()
    let theirs = try decode(try directory.read("converted.jpg"), box: size)
    let plain = try decode(jpeg, box: size)
    let ours = try decode(try directory.read("tagged.jpg"), box: size)
    var (worst, change) = (0.0, 0.0)
    for patch in 0..<64 {
      let (x, y) = (patch % 8 * 16 + 8, patch / 8 * 16 + 8)
      worst = max(worst, Self.deltaE(ours.pixel(x: x, y: y), theirs.pixel(x: x, y: y)))
      change = max(change, Self.deltaE(ours.pixel(x: x, y: y), plain.pixel(x: x, y: y)))
    }
    print("\(kind) \(profilePath): ΔE \(worst) to jpgicc, \(change) to the picture without its profile")
    #expect(worst <= 1 && change > 3, "ΔE \(worst), changed by \(change)")
  }
}
