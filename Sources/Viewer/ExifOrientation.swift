/// The one Exif field that a viewer needs: how the camera was held (Exif 2.32 §4.6.5, tag 0x0112).
enum ExifOrientation {
  /// The orientation in 1...8 in an APP1 segment's body; nil when there is none or it is damaged.
  static func parse(_ segment: UnsafeRawBufferPointer) -> Int? {
    guard segment.count > 14, segment.prefix(6).elementsEqual([0x45, 0x78, 0x69, 0x66, 0, 0]) else {
      return nil  // not "Exif\0\0"
    }
    let tiff = UnsafeRawBufferPointer(rebasing: segment[6...])
    guard let reader = TIFFReader(tiff) else { return nil }
    guard let directory = reader.uint32(at: 4), let entryCount = reader.uint16(at: directory) else {
      return nil
    }
    for entry in 0..<entryCount {
      let offset = directory + 2 + 12 * entry
      guard let tag = reader.uint16(at: offset) else { return nil }
      guard tag == 0x0112 else { continue }
      guard let value = reader.value(ofEntryAt: offset), (1...8).contains(value) else { return nil }
      return value
    }
    return nil
  }

  /// Numbers of a TIFF structure in its own byte order; nil beyond its end.
  private struct TIFFReader {
    let bytes: UnsafeRawBufferPointer
    let isLittleEndian: Bool

    init?(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
      switch (bytes[0], bytes[1]) {
      case (0x49, 0x49): isLittleEndian = true
      case (0x4D, 0x4D): isLittleEndian = false
      default: return nil
      }
    }

    func uint16(at offset: Int) -> Int? { number(at: offset, byteCount: 2) }
    func uint32(at offset: Int) -> Int? { number(at: offset, byteCount: 4) }

    /// The number in a directory's entry. Exif specifies SHORT for an orientation. Programs also write BYTE
    /// and LONG, and signed types (TIFF 6.0 §2: types 1, 3, 4, 6, 8, 9). Nil for other types, and for several
    /// numbers.
    func value(ofEntryAt offset: Int) -> Int? {
      guard let type = uint16(at: offset + 2), uint32(at: offset + 4) == 1 else { return nil }
      switch type {
      case 1, 6: return number(at: offset + 8, byteCount: 1)
      case 3, 8: return number(at: offset + 8, byteCount: 2)
      case 4, 9: return number(at: offset + 8, byteCount: 4)
      default: return nil
      }
    }

    private func number(at offset: Int, byteCount: Int) -> Int? {
      guard offset >= 0, offset + byteCount <= bytes.count else { return nil }
      let digits = bytes[offset..<(offset + byteCount)]
      return isLittleEndian
        ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
