/// The two things in an Exif segment that a viewer needs: how the camera was held, and the small picture that
/// most cameras put there.
enum Exif {
  /// Whether an APP1 segment's body is one.
  static func isHere(_ segment: UnsafeRawBufferPointer) -> Bool {
    segment.count > 14 && segment.prefix(6).elementsEqual([0x45, 0x78, 0x69, 0x66, 0, 0])  // "Exif\0\0"
  }

  /// The orientation (Exif 2.32 §4.6.5, tag 0x0112) in 1...8 in an APP1 segment's body; nil when there is
  /// none or it is damaged.
  static func orientation(_ segment: UnsafeRawBufferPointer) -> Int? {
    guard let reader = tiff(segment),
      let entry = reader.uint32(at: 4).flatMap({ reader.entry(0x0112, in: $0) }),
      let value = reader.value(ofEntryAt: entry), (1...8).contains(value)
    else { return nil }
    return value
  }

  /// The place of the small JPEG in an APP1 segment's body (Exif 2.32 §4.5.5 and §4.6.8: the second directory
  /// of the TIFF structure, tags 0x0201 and 0x0202). It is not looked at; nil when it is not inside.
  static func thumbnail(_ segment: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let reader = tiff(segment), let first = reader.uint32(at: 4),
      let entryCount = reader.uint16(at: first), let second = reader.uint32(at: first + 2 + 12 * entryCount),
      second > 0,
      let start = reader.entry(0x0201, in: second).flatMap({ reader.value(ofEntryAt: $0) }),
      let count = reader.entry(0x0202, in: second).flatMap({ reader.value(ofEntryAt: $0) }),
      count > 0, start <= reader.bytes.count, count <= reader.bytes.count - start
    else { return nil }
    return (6 + start)..<(6 + start + count)
  }

  private static func tiff(_ segment: UnsafeRawBufferPointer) -> TIFFReader? {
    isHere(segment) ? TIFFReader(UnsafeRawBufferPointer(rebasing: segment[6...])) : nil
  }
}
