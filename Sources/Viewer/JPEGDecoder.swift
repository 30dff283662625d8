#if Viewer
import CTurboJPEG

extension JPEGDecoder {
  /// Decodes so that the upright picture covers its size in `box`, or at full size if it is smaller. A file
  /// that ends early gives the part that is there, with a note. `isPart`: the bytes are the beginning of a
  /// file that is still arriving, and a hatch marks the blocks that are missing.
  package static func decode(
    _ bytes: UnsafeRawBufferPointer, box: PixelSize, isPart: Bool = false
  ) throws(Failure) -> DecodedImage {
    let header = try checkedHeader(bytes)
    guard let handle = tjInitDecompress() else { throw .undecodable(reason: "libjpeg-turbo cannot start") }
    defer { tjDestroy(handle) }
    let colorSpace = try colorSpace(bytes, expecting: header, handle)

    let shown = header.shownSize(in: box)
    let scaled = scaledSize(of: header.size, covering: shown)

    let buffer = PixelBuffer(size: scaled)
    let isCMYK = colorSpace == TJCS_CMYK.rawValue || colorSpace == TJCS_YCCK.rawValue
    let format = isCMYK ? TJPF_CMYK : TJPF_BGRA
    let warning = try decompress(bytes, into: buffer, format: format, handle)
    let note = isPart ? nil : warning.flatMap { verdict(warning: $0, bytes, header, format, handle) }
    let missing =
      isPart && warning != nil ? buffer.missingBlocks(of: header.blockSize(decodedAt: scaled)) : nil
    return finish(buffer, header, bytes, shown: shown, missing: missing, note: note)
  }

  /// Gives decoded pixels their colours, size and orientation on the screen. `missing`: the part of the
  /// picture that is not here, for the hatch. `shown` is as the file has it, not turned.
  static func finish(
    _ pixels: consuming PixelBuffer, _ header: JPEGHeader, _ bytes: UnsafeRawBufferPointer, shown: PixelSize,
    missing: PixelBuffer.End?, note: String?
  ) -> DecodedImage {
    var buffer = pixels
    // Few pixels are converted faster.
    let decoded = buffer.size
    buffer.halve(covering: shown)
    buffer.convertToScreen(
      ColorProfile.embedded(in: bytes),
      from: header.componentCount == 4 ? .cmyk : header.componentCount == 1 ? .gray : .rgb)
    // Last of all, so that its stripes keep their colours and their width.
    if let missing { buffer.hatch(missing.scaled(from: decoded, to: buffer.size)) }
    buffer.makeUpright(orientation: header.orientation)
    return buffer.finish(
      sourceSize: header.uprightSize, note: note, fileByteCount: bytes.count)
  }

  /// The size at the smallest scale in (0, 1] whose sides still cover `shown`. The limit on memory has
  /// precedence.
  package static func scaledSize(of source: PixelSize, covering shown: PixelSize) -> PixelSize {
    var smallest = source
    var best: PixelSize?
    for factor in scalingFactors where factor.num <= factor.denom {
      let size = PixelSize(
        width: scaled(source.width, factor), height: scaled(source.height, factor))
      guard size.pixelCount <= decodedPixelLimit else { continue }
      if size.pixelCount < smallest.pixelCount { smallest = size }
      guard size.covers(shown) || size == source else { continue }
      if size.pixelCount < best?.pixelCount ?? .max { best = size }
    }
    if let best { return best }
    // No scale both covers and fits memory: the largest that fits.
    return scalingFactors.filter { $0.num <= $0.denom }
      .map { PixelSize(width: scaled(source.width, $0), height: scaled(source.height, $0)) }
      .filter { $0.pixelCount <= decodedPixelLimit }
      .max { $0.pixelCount < $1.pixelCount } ?? smallest
  }

  /// TJSCALED of turbojpeg.h: rounded up.
  static func scaled(_ side: Int, _ factor: tjscalingfactor) -> Int {
    (side * Int(factor.num) + Int(factor.denom) - 1) / Int(factor.denom)
  }

  private static var scalingFactors: [tjscalingfactor] {
    var count: Int32 = 0
    guard let factors = tjGetScalingFactors(&count) else { return [] }
    return Array(UnsafeBufferPointer(start: factors, count: Int(count)))
  }

  static func checkedHeader(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> JPEGHeader {
    let header: JPEGHeader
    do { header = try JPEGHeader(bytes) } catch {
      switch error {
      case .notJPEG: throw .notJPEG
      case .truncated: throw .truncatedHeader
      case .malformed: throw .undecodable(reason: "its header contradicts the format")
      case .jpegLS: throw .unsupported(kind: "a JPEG-LS image")
      }
    }
    guard header.size.pixelCount <= sourcePixelLimit, header.coefficientByteCount <= coefficientByteLimit
    else {
      throw .tooLarge(header.size)
    }
    return header
  }

  /// The decoder's view of the header must agree with ours, because the limits were checked against ours.
  static func colorSpace(
    _ bytes: UnsafeRawBufferPointer, expecting header: JPEGHeader, _ handle: tjhandle
  ) throws(Failure) -> UInt32 {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorSpace: Int32 = -1
    // The status is no answer. TurboJPEG 2 fails for a sampling for which it has no name (4:1:0), although it
    // has read all fields that are asked for here, and it can decompress such a picture. A field that it
    // could not read keeps its value from above.
    tjDecompressHeader3(
      handle, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), &width, &height, &subsampling,
      &colorSpace)
    guard width > 0, height > 0, colorSpace >= 0 else {
      throw header.rareKind.map { .unsupported(kind: $0) } ?? .undecodable(reason: reason(handle))
    }
    guard Int(width) == header.size.width, Int(height) == header.size.height else {
      throw .undecodable(reason: "its header is ambiguous")
    }
    return UInt32(bitPattern: colorSpace)
  }

  /// Decompresses into `buffer` and returns libjpeg's last warning.
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, into buffer: borrowing PixelBuffer, format: TJPF, _ handle: tjhandle,
    flags: Int32 = 0
  ) throws(Failure) -> String? {
    let size = buffer.size
    // LIMITSCANS: a small file with thousands of scans must not keep a core busy for hours.
    let status = UnsafeMutableRawPointer(buffer.pixels).withMemoryRebound(
      to: UInt8.self, capacity: size.pixelCount * 4
    ) {
      tjDecompress2(
        handle, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), $0, Int32(size.width),
        Int32(size.width * 4), Int32(size.height), Int32(bitPattern: UInt32(bitPattern: format.rawValue)),
        TJFLAG_LIMITSCANS | flags)
    }
    guard status != 0 else { return nil }
    guard isWarning(handle) || flags & TJFLAG_STOPONWARNING != 0 else {
      throw .undecodable(reason: reason(handle))
    }
    return reason(handle)
  }

  /// The fault of a picture that libjpeg warned of, in a word; nil if the picture is whole.
  private static func verdict(
    warning last: String, _ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader, _ format: TJPF,
    _ handle: tjhandle
  ) -> String? {
    // libjpeg keeps only its last warning. A second run, at a small size, stops at the first.
    let small = PixelBuffer(
      size: scaledSize(of: header.size, covering: PixelSize(width: 1, height: 1)))
    let first = try? decompress(bytes, into: small, format: format, handle, flags: TJFLAG_STOPONWARNING)
    var notes: [String] = []
    for meaning in [last, first].compactMap({ $0 }).map(JPEGWarnings.meaning) {
      switch meaning {
      case .harmless: continue
      case .missing(let note): notes.append(note)
      case .leftover(let byteCount, let marker):
        if !JPEGWarnings.isPadding(byteCount: byteCount, marker: marker, of: bytes) {
          notes.append("damaged")
        }
      case .endOfFile:
        if !isWholeWithoutEnd(bytes, header, small, format, handle) { return "incomplete" }
      }
    }
    guard !notes.isEmpty else { return nil }
    return notes.contains("incomplete") || JPEGWarnings.endMarker(in: bytes) == nil ? "incomplete" : "damaged"
  }

  /// Whether only the end marker is missing, which some webcams leave out. Then decoding with an appended
  /// marker misses no coefficient. This cannot be decided for files with several scans, or with arithmetic
  /// coding, which reads missing bytes as zeros.
  private static func isWholeWithoutEnd(
    _ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader, _ buffer: borrowing PixelBuffer, _ format: TJPF,
    _ handle: tjhandle
  ) -> Bool {
    guard !header.holdsCoefficients, header.rareKind == nil else { return false }
    let closed = Array(bytes) + [0xFF, 0xD9]
    return closed.withUnsafeBytes { closed in
      do throws(Failure) {
        let warning = try decompress(
          closed, into: buffer, format: format, handle, flags: TJFLAG_STOPONWARNING)
        return warning.map(JPEGWarnings.meaning) ?? .harmless == .harmless
      } catch { return false }
    }
  }

  private static func isWarning(_ handle: tjhandle) -> Bool {
    tjGetErrorCode(handle) == Int32(bitPattern: TJERR_WARNING.rawValue)
  }

  private static func reason(_ handle: tjhandle) -> String {
    tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown reason"
  }
}
#endif
