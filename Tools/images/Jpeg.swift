import CTurboJPEG

/// How a picture is stored.
struct JpegForm: Sendable {
  var isProgressive = false
  var isGrayscale = false
}

/// What went wrong while making the pictures; printed as one line.
struct PictureError: Error {
  var message: String
  init(_ message: String) { self.message = message }
}

/// Encodes pictures with libjpeg-turbo.
enum JpegEncoder {
  /// The file at the highest quality (≤ 97) with at most `byteLimit` bytes, found by bisection.
  static func encode(
    _ raster: Raster, form: JpegForm, byteLimit: Int
  ) throws(PictureError) -> (bytes: [UInt8], quality: Int) {
    var low = 5
    var high = 97
    var best: (bytes: [UInt8], quality: Int)?
    while low <= high {
      let quality = (low + high) / 2
      let bytes = try encode(raster, form: form, quality: quality)
      if bytes.count <= byteLimit {
        best = (bytes, quality)
        low = quality + 1
      } else {
        high = quality - 1
      }
    }
    guard let best else { throw PictureError("no quality brings the picture under \(byteLimit) bytes") }
    return best
  }

  /// - Parameter quality: 1 ... 100, libjpeg's scale.
  private static func encode(
    _ raster: Raster, form: JpegForm, quality: Int
  ) throws(PictureError) -> [UInt8] {
    // A compressor for each file: in 2.1.5 one that wrote a progressive file keeps its Huffman tables, and
    // the next baseline file comes out corrupt.
    guard let handle = tjInitCompress() else { throw PictureError("libjpeg-turbo: no compressor") }
    defer { tjDestroy(handle) }
    var output: UnsafeMutablePointer<UInt8>?
    var byteCount: UInt = 0
    let subsampling = form.isGrayscale ? TJSAMP_GRAY : TJSAMP_420
    // The slow DCT gives the same bytes with and without SIMD.
    let flags = TJFLAG_ACCURATEDCT | (form.isProgressive ? TJFLAG_PROGRESSIVE : 0)
    let status = tjCompress2(
      handle, raster.bytes.base, Int32(raster.size.width), Int32(3 * raster.size.width),
      Int32(raster.size.height),
      Int32(TJPF_RGB.rawValue), &output, &byteCount, Int32(subsampling.rawValue), Int32(quality), flags)
    defer { tjFree(output) }
    guard status == 0, let output else {
      throw PictureError("libjpeg-turbo: \(String(cString: tjGetErrorStr2(handle)))")
    }
    return [UInt8](UnsafeBufferPointer(start: output, count: Int(byteCount)))
  }
}
