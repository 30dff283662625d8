#if Viewer
import CLate

/// A JPEG that is decoded while it arrives, each byte once: soon after the last chunk its thumbnail is ready,
/// where decoding all of a large file takes a tenth of a second and more.
///
/// libjpeg and TurboJPEG are the same decoder, so that the whole picture is the one of `JPEGDecoder`. A
/// damaged image, and a kind that is not decoded here, is left to `JPEGDecoder`. At an eighth of the size the
/// scans of a progressive image that change no pixel are not looked at (`DCScans`).
package final class ArrivingJPEG: @unchecked Sendable {  // one decoding thread at a time has it
  /// The place that the picture is fitted into.
  package let box: PixelSize
  /// Memory of its pixels, and of its coefficients where libjpeg holds them.
  package let byteCount: Int
  /// Nothing more can be decoded here.
  package private(set) var isBroken = false

  private let header: JPEGHeader
  private let pixels: PixelBuffer
  private let stream: OpaquePointer
  /// What the stream decodes of the file; nil: all of it.
  private var scans: DCScans?

  /// Nil when the bytes do not reach the first scan, or the image is of a kind that is not decoded here.
  package init?(_ bytes: UnsafeRawBufferPointer, box: PixelSize) {
    guard late_missing(LATE_JPEG_STREAM) == nil, let header = try? JPEGDecoder.checkedHeader(bytes),
      header.componentCount != 4, header.rareKind == nil
    else { return nil }
    let size = JPEGDecoder.scaledSize(of: header.size, covering: header.shownSize(in: box))
    guard
      let eighths = (1...8).first(where: { eighths in
        size
          == PixelSize(
            width: (header.size.width * eighths + 7) / 8, height: (header.size.height * eighths + 7) / 8)
      })
    else { return nil }
    let pixels = PixelBuffer(size: size)
    guard
      let stream = late_arriving_begin(
        pixels.pixels, Int32(size.width), Int32(size.height), Int32(eighths))
    else { return nil }
    self.box = box
    self.header = header
    self.pixels = pixels
    self.stream = stream
    scans = eighths == 1 && header.holdsCoefficients ? DCScans() : nil
    byteCount = size.pixelCount * 4 + header.coefficientByteCount
  }

  deinit { late_arriving_end(stream) }

  /// The picture as far as the file's first bytes give it, with a hatch in place of the rest. Nil while there
  /// is nothing new to be seen, and when `isBroken`. The bytes of an earlier call must be among these,
  /// unchanged.
  package func picture(_ bytes: UnsafeRawBufferPointer) -> DecodedImage? {
    scans?.take(bytes)
    let state =
      scans?.bytes.withUnsafeBufferPointer { late_arriving_take(stream, $0.baseAddress, $0.count) }
      ?? late_arriving_take(stream, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    let rows = Int(late_arriving_rows(stream))
    isBroken = rows < 0
    guard rows > 0 else { return nil }
    let missing =
      rows < pixels.size.height ? PixelBuffer.End(row: rows, columns: 0, height: 0) : nil
    isWhole = state == LATE_ARRIVING_WHOLE
    return JPEGDecoder.finish(
      pixels.copy(), header, bytes, shown: header.shownSize(in: box), missing: missing, note: nil)
  }

  /// The last picture is that of the whole image, and nothing was wrong with what was decoded for it.
  package private(set) var isWhole = false
}

/// The images that are being decoded while they arrive. Their memory is bounded: the one that was not used
/// for longest is given up, and its next picture is decoded from its first byte.
struct ArrivingJPEGs {
  /// Bytes of them all.
  static let byteLimit = 256 << 20
  static let countLimit = 8

  private var kept: [(revision: UInt64, image: ArrivingJPEG)] = []

  /// Hands out an image to a decoding thread, which may keep it again afterwards.
  mutating func take(_ revision: UInt64) -> ArrivingJPEG? {
    guard let index = kept.firstIndex(where: { $0.revision == revision }) else { return nil }
    return kept.remove(at: index).image
  }

  mutating func keep(_ image: ArrivingJPEG, _ revision: UInt64) {
    guard image.byteCount <= Self.byteLimit else { return }
    kept.append((revision, image))
    while kept.count > Self.countLimit || kept.reduce(0, { $0 + $1.image.byteCount }) > Self.byteLimit {
      kept.removeFirst()
    }
  }
}
#endif
