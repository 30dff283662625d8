/// Numbers of a TIFF structure (TIFF 6.0 §2) in its own byte order; nil beyond its end.
struct TIFFReader {
  let bytes: UnsafeRawBufferPointer
  private let isLittleEndian: Bool

  /// Nil when the bytes do not begin with a byte order.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return nil }
    self.bytes = bytes
    switch (bytes[0], bytes[1]) {
    case (0x49, 0x49): isLittleEndian = true
    case (0x4D, 0x4D): isLittleEndian = false
    default: return nil
    }
  }

  func uint16(at offset: Int) -> Int? { number(at: offset, byteCount: 2) }
  func uint32(at offset: Int) -> Int? { number(at: offset, byteCount: 4) }

  /// Where the entry with this tag is, in the directory at `directory`.
  func entry(_ tag: Int, in directory: Int) -> Int? {
    guard let count = uint16(at: directory) else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let found = uint16(at: offset) else { return nil }
      if found == tag { return offset }
    }
    return nil
  }

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
