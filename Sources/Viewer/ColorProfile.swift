#if Viewer
import CLCMS
import CLate

/// The ICC profile that says which colours the numbers of a JPEG mean.
package enum ColorProfile {
  /// What the numbers of a picture are.
  package enum Space: Sendable { case rgb, gray, cmyk }

  /// "ICC_PROFILE" and a zero (ICC.1:2022 §B.4), then the number of this part and of all, from 1.
  private static let name = Array("ICC_PROFILE".utf8) + [0]
  private static let headByteCount = 14
  /// A profile has 128 bytes of header at least (ICC.1:2022 §7.2).
  private static let smallestByteCount = 128

  /// The profile in the segments of a JPEG before its first scan, or nil: there is none, or a part is
  /// missing. At most 255 parts of 65,519 bytes. Reading stops at the first scan.
  package static func embedded(in bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var parts: [UInt8: Range<Int>] = [:]
    var partCount: UInt8 = 0
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      if marker == 0xFF {  // a byte that fills
        offset += 1
        continue
      }
      guard marker != 0xDA, marker != 0xD9 else { break }
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard length >= 2, offset + 2 + length <= bytes.count else { return nil }
      let segment = (offset + 4)..<(offset + 2 + length)
      offset = segment.upperBound
      guard marker == 0xE2, segment.count > headByteCount, bytes[segment].starts(with: name) else { continue }
      let (number, count) = (bytes[segment.lowerBound + 12], bytes[segment.lowerBound + 13])
      guard number >= 1, number <= count, partCount == 0 || partCount == count, parts[number] == nil else {
        return nil
      }
      partCount = count
      parts[number] = (segment.lowerBound + headByteCount)..<segment.upperBound
    }
    guard partCount > 0, parts.count == Int(partCount) else { return nil }
    var profile: [UInt8] = []
    for number in 1...partCount { if let part = parts[number] { profile += bytes[part] } }
    return profile.count >= smallestByteCount ? profile : nil
  }
}

extension PixelBuffer {
  /// Turns the numbers of a picture into the colours of an sRGB screen, in place. Without a profile, with one
  /// that Little CMS refuses or that is of other colours, and without this library: CMYK becomes RGB by
  /// multiplication, and other pictures stay as they are.
  package mutating func convertToScreen(_ profile: [UInt8]?, from space: ColorProfile.Space) {
    if let profile, late_missing(LATE_COLOUR) == nil, transform(profile, from: space) { return }
    if space == .cmyk { convertInvertedCMYK() }
  }

  /// Returns whether the pixels were converted.
  private mutating func transform(_ bytes: [UInt8], from space: ColorProfile.Space) -> Bool {
    guard let profile = cmsOpenProfileFromMem(bytes, cmsUInt32Number(bytes.count)) else { return false }
    defer { cmsCloseProfile(profile) }
    let (signature, format) =
      switch space {
      case .rgb: (cmsSigRgbData, lcms_bgrx)
      case .gray: (cmsSigGrayData, lcms_grey_xxx)
      case .cmyk: (cmsSigCmykData, lcms_cmyk_inverted)
      }
    guard cmsGetColorSpace(profile) == signature, let screen = cmsCreate_sRGBProfile() else { return false }
    defer { cmsCloseProfile(screen) }
    // What jpgicc does: the intent for pictures.
    guard
      let transform = cmsCreateTransform(
        profile, format, screen, lcms_bgrx, cmsUInt32Number(INTENT_PERCEPTUAL), 0)
    else { return false }
    defer { cmsDeleteTransform(transform) }
    cmsDoTransform(transform, pixels, pixels, cmsUInt32Number(size.pixelCount))
    // The fourth byte of CMYK was the black ink.
    if space == .cmyk { for position in 0..<size.pixelCount { pixels[position] |= 0xFF00_0000 } }
    return true
  }
}
#endif
