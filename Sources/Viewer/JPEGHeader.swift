/// The facts about a JPEG before its first scan (ITU-T T.81 annex B). Reading them allocates nothing, so that
/// a hostile file is refused before a decoder sees it.
package struct JPEGHeader: Equatable {
  package var size: PixelSize
  /// 1 grayscale, 3 colour, 4 CMYK.
  package var componentCount: Int
  /// Whether decoding must hold every coefficient of the image in memory: progressive, or several scans.
  package var holdsCoefficients: Bool
  /// Bytes of these coefficients, 2 for each sample of each whole 8x8 block, if they must be in memory.
  package var coefficientByteCount: Int
  /// The pixels that are coded together (MCU): 8 or more a side.
  package var codedBlock: PixelSize
  /// Exif orientation in 1...8; 1 is upright.
  package var orientation: Int
  /// Where the small picture is that a camera put into the file; it was not looked at. Nil: there is none.
  package var thumbnail: Range<Int>?
  /// What is unusual about the coding, such as "a lossless JPEG". It is shown when the decoder refuses the
  /// file.
  package var rareKind: String?

  /// Why no header was found.
  package enum Failure: Error, Equatable {
    /// The bytes do not begin with SOI.
    case notJPEG
    /// The bytes end before the frame header or the first scan.
    case truncated
    /// A marker that contradicts the format.
    case malformed
    /// A JPEG-LS (ITU-T T.87), another format with JPEG's first bytes.
    case jpegLS
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    guard bytes.count >= 2, bytes[0] == 0xFF, bytes[1] == 0xD8 else { throw .notJPEG }
    var frame: Frame?
    var orientation = 1
    var thumbnail: Range<Int>?
    var offset = 2
    while let marker = Self.nextMarker(bytes, &offset) {
      if (0xD0...0xD7).contains(marker) || marker == 0x01 { continue }  // RSTn, TEM stand alone
      if marker == 0xD9 { break }  // EOI
      guard let length = Self.uint16(bytes, offset) else { throw .truncated }
      guard length >= 2 else { throw .malformed }
      guard offset + length <= bytes.count else { throw .truncated }
      let segment = UnsafeRawBufferPointer(rebasing: bytes[(offset + 2)..<(offset + length)])
      offset += length
      switch marker {
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:  // SOFn; C4, C8, CC are DHT, JPG, DAC
        guard frame == nil, let found = Frame(segment, marker: marker) else { throw .malformed }
        frame = found
      case 0xF7 where frame == nil: throw .jpegLS
      case 0xE1 where Exif.isHere(segment):
        orientation = Exif.orientation(segment) ?? orientation
        thumbnail = Exif.thumbnail(segment).map { $0.advanced(by: offset - segment.count) }
      case 0xDA:  // SOS: decoding starts here
        guard let frame, let scanComponentCount = segment.first else { throw .malformed }
        self.init(frame, scanComponentCount: Int(scanComponentCount), orientation: orientation)
        self.thumbnail = thumbnail
        return
      default: break
      }
    }
    throw .truncated
  }

  private init(_ frame: Frame, scanComponentCount: Int, orientation: Int) {
    size = frame.size
    componentCount = frame.componentCount
    holdsCoefficients = frame.isProgressive || scanComponentCount < frame.componentCount
    coefficientByteCount = holdsCoefficients ? frame.coefficientByteCount : 0
    codedBlock = frame.codedBlock
    self.orientation = orientation
    rareKind = frame.rareKind
  }

  /// The size of a coded block in a picture that is decoded at another scale, at least 1.
  package func blockSize(decodedAt decoded: PixelSize) -> PixelSize {
    PixelSize(
      width: max(1, codedBlock.width * decoded.width / max(1, size.width)),
      height: max(1, codedBlock.height * decoded.height / max(1, size.height)))
  }

  /// The size of the picture as a person sees it.
  package var uprightSize: PixelSize { orientation >= 5 ? size.transposed : size }

  /// The size at which the picture fits `box` when it is upright; as the file has it, not turned.
  package func shownSize(in box: PixelSize) -> PixelSize {
    let upright = uprightSize.fitted(into: box)
    return orientation >= 5 ? upright.transposed : upright
  }

  /// Skips bytes that are no marker, as libjpeg does. Afterwards the position is behind the marker that is
  /// returned.
  private static func nextMarker(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt8? {
    while offset < bytes.count {
      while offset < bytes.count, bytes[offset] != 0xFF { offset += 1 }
      while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
      guard offset < bytes.count else { return nil }
      offset += 1
      if bytes[offset - 1] != 0 { return bytes[offset - 1] }
    }
    return nil
  }

  private static func uint16(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int? {
    guard offset + 2 <= bytes.count else { return nil }
    return Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
  }

  /// A frame header, T.81 §B.2.2.
  private struct Frame {
    var size: PixelSize
    var componentCount: Int
    var isProgressive: Bool
    var coefficientByteCount: Int
    var codedBlock: PixelSize
    var rareKind: String?

    init?(_ segment: UnsafeRawBufferPointer, marker: UInt8) {
      guard segment.count >= 6, let height = JPEGHeader.uint16(segment, 1),
        let width = JPEGHeader.uint16(segment, 3)
      else { return nil }
      componentCount = Int(segment[5])
      guard segment.count >= 6 + 3 * componentCount, (1...4).contains(componentCount) else { return nil }
      guard width > 0, height > 0 else { return nil }
      size = PixelSize(width: width, height: height)
      rareKind = Self.rareKind(marker: marker, precision: segment[0], componentCount: componentCount)
      isProgressive = [0xC2, 0xC6, 0xCA, 0xCE].contains(marker)

      let sampling = (0..<componentCount).map { segment[6 + 3 * $0 + 1] }
      let horizontal = sampling.map { Int($0 >> 4) }
      let vertical = sampling.map { Int($0 & 15) }
      guard (horizontal + vertical).allSatisfy({ (1...4).contains($0) }) else { return nil }
      codedBlock = PixelSize(width: 8 * (horizontal.max() ?? 1), height: 8 * (vertical.max() ?? 1))
      // A component with the largest factors has one block for 8x8 pixels, rounded up to whole MCUs.
      let mcuColumns = width / (8 * (horizontal.max() ?? 1)) + 1
      let mcuRows = height / (8 * (vertical.max() ?? 1)) + 1
      let blocksPerMCU = zip(horizontal, vertical).reduce(0) { $0 + $1.0 * $1.1 }
      coefficientByteCount = mcuColumns * mcuRows * blocksPerMCU * 128
    }

    /// T.81 table B.1 names the processes. Few decoders know more than baseline and progressive of 8 bits.
    private static func rareKind(marker: UInt8, precision: UInt8, componentCount: Int) -> String? {
      switch marker {
      case 0xC3, 0xCB: return "a lossless JPEG"
      case 0xC5...0xC7, 0xCD...0xCF: return "a hierarchical JPEG"
      default: break
      }
      if precision == 12 { return "a JPEG with 12 bits per sample" }
      if marker >= 0xC9 { return "a JPEG with arithmetic coding" }
      return componentCount == 2 ? "a JPEG with 2 colour components" : nil
    }
  }
}

extension Range<Int> {
  fileprivate func advanced(by count: Int) -> Range { lowerBound + count..<upperBound + count }
}
